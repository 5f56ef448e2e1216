package io.github.stopcopy.migration.candidate;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.remedy.RemedyChange.Add;
import io.github.stopcopy.migration.remedy.RemedyChange.Release;
import io.github.stopcopy.migration.remedy.RemedyChange.Remove;
import io.github.stopcopy.migration.remedy.RemedyChange.Replace;
import io.github.stopcopy.migration.remedy.RemedyChange.Set;
import io.github.stopcopy.migration.remedy.RemedyChange.Tracker;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which XML a change becomes: libvirt's own where it has some, else an override. */
class LibvirtXmlTest {

  private static final VmConfig VM =
      q35(intel(), device("pxb-pcie", "pxb1", "bus_nr=64"), vfio(A), vfio(B));

  private static Optional<String> xml(List<String> interfaces, RemedyChange... changes)
      throws Exception {
    return new LibvirtXml(scenario(V10, VM, HostFacts.CAPABLE), plugins(), interfaces)
        .of(List.of(changes));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "intel-iommu | caching-mode | on | <iommu model='intel'> <driver caching_mode='on'/>"
            + " </iommu>",
        "intel-iommu | aw-bits | 39 | <iommu model='intel'> <driver aw_bits='39'/> </iommu>",
        "machine | kernel-irqchip | split | <features> <ioapic driver='qemu'/> </features>",
        "machine | type | pc-q35-9.0 | <os> <type machine='pc-q35-9.0'/> </os>",
        "smp | cpus | 255 | <vcpu>255</vcpu>",
        "cpu | phys-bits | 46 | <cpu> <maxphysaddr mode='emulate' bits='46'/> </cpu>",
        "v1 | iommufd | iommufd0 | <hostdev> <!-- v1 --> <driver iommufd='yes'/> </hostdev>"
      })
  void libvirtsOwnWhereItHasSome(String target, String property, String value, String xml)
      throws Exception {
    assertThat(xml(List.of(), new Set(target, property, value))).contains(xml.replace("\"", "'"));
  }

  @Test
  void elseAnOverrideWithTheTypeOfTheProperty() throws Exception {
    assertThat(
            xml(
                List.of(),
                new Release(SEED),
                new Set("vfio-pci", "x-migration-iommu-pt", "on"),
                new Set("v2", "enable-migration", "auto"),
                new Set("pxb1", "bypass_iommu", "on"),
                new Set("v2", "x-msix-relocation", "bar2"),
                new Set("v2", "xres", "1024")))
        .contains(
            """
            <qemu:override xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
              <qemu:device alias='v1'>
                <qemu:frontend>
                  <qemu:property name='x-migration-iommu-pt' type='bool' value='true'/>
                </qemu:frontend>
              </qemu:device>
              <qemu:device alias='v2'>
                <qemu:frontend>
                  <qemu:property name='x-migration-iommu-pt' type='bool' value='true'/>
                  <qemu:property name='enable-migration' type='string' value='auto'/>
                  <qemu:property name='x-msix-relocation' type='string' value='bar2'/>
                  <qemu:property name='xres' type='unsigned' value='1024'/>
                </qemu:frontend>
              </qemu:device>
              <qemu:device alias='pxb1'>
                <qemu:frontend>
                  <qemu:property name='bypass_iommu' type='bool' value='true'/>
                </qemu:frontend>
              </qemu:device>
            </qemu:override>\
            """);
  }

  @Test
  void networkDevicesCanStandAsideByThemselves() throws Exception {
    Action unplug = new Action(Action.UNPLUG_FOR_MIGRATION);

    assertThat(xml(List.of("v1"), unplug)).isEmpty();
    assertThat(xml(List.of("v1", "v2"), unplug).orElseThrow().lines().limit(8))
        .containsExactly(
            "<interface type='hostdev'> <!-- v1 -->",
            "  <teaming type='transient' persistent='ua-standby-v1'/>",
            "</interface>",
            "<interface type='network'>",
            "  <model type='virtio'/>",
            "  <alias name='ua-standby-v1'/>",
            "  <teaming type='persistent'/>",
            "</interface>");
    assertThat(xml(List.of("v1", "v2"), unplug).orElseThrow())
        .contains("  <teaming type='transient' persistent='ua-standby-v2'/>");
  }

  @Test
  void thereIsNoneToAddWhereSomethingGoesOrLibvirtHasNoWay() throws Exception {
    assertThat(xml(List.of(), new Remove("intel-iommu"))).isEmpty();
    assertThat(xml(List.of(), new Release(SEED))).isEmpty();
    assertThat(xml(List.of(), new Set("intel-iommu", "snoop-control", "on"))).isEmpty();
    assertThat(
            xml(
                List.of(),
                new Set("v1", "enable-migration", "on"),
                new Set("host", "containers.iommu-dirty-tracking", "on")))
        .isEmpty();
  }

  @Test
  void anotherVirtualIommuAndOneWhereNoneIsAreLibvirtsOwn() throws Exception {
    assertThat(xml(List.of(), new Replace("intel-iommu", "virtio-iommu-pci")))
        .contains("<iommu model='virtio'/>");
    assertThat(
            xml(
                List.of(),
                new Add(
                    "intel-iommu", new TreeMap<>(Map.of("caching-mode", "on", "aw-bits", "39")))))
        .contains("<iommu model='intel'> <driver aw_bits='39' caching_mode='on'/> </iommu>");
  }

  static List<RemedyChange> whatLibvirtCannotDo() {
    return List.of(
        new Action(Action.UNPLUG_FOR_MIGRATION),
        new Action(Action.VIOMMU_FIRST),
        new Remove("v1"),
        new Tracker("", "mlx5"),
        new Replace("intel-iommu", "frozen-iommu"),
        new Add("intel-iommu", Map.of("snoop-control", "on")),
        new Set("host", "containers.iommu-dirty-tracking", "on"),
        new Set("migrate", "multifd", "on"),
        new Set("memory", "size", "4G"),
        new Set("cpu", "model", "host"),
        new Set("object", "o1", "memory-backend-ram"),
        new Set("intel-iommu", "snoop-control", "on"),
        new Set("v9", "enable-migration", "on"));
  }

  /** Half of a remedy is none. */
  @ParameterizedTest
  @MethodSource("whatLibvirtCannotDo")
  void ofChangesOneOfWhichLibvirtCannotMakeNothingIsWritten(RemedyChange impossible)
      throws Exception {
    Set possible = new Set("smp", "cpus", "255");
    assertThat(xml(List.of(), possible)).isPresent();
    assertThat(xml(List.of(), possible, impossible)).isEmpty();
  }

  @Test
  void anObjectForIommufdIsLibvirtsOwn() throws Exception {
    assertThat(
            xml(
                List.of("v1"),
                new Set("object", "iommufd0", "iommufd"),
                new Set("v1", "iommufd", "iommufd0")))
        .contains("<interface type='hostdev'> <!-- v1 --> <driver iommufd='yes'/> </interface>");
  }

  @Test
  void anotherOptionOfTheMachineIsAnArgument() throws Exception {
    assertThat(xml(List.of(), new Set("machine", "default-bus-bypass-iommu", "on")))
        .hasValueSatisfying(text ->
            assertThat(text)
                .contains("<qemu:arg value='-machine'/>")
                .contains("<qemu:arg value='default-bus-bypass-iommu=on'/>"));
  }

  @Test
  void aBoolThatIsOffIsFalse() throws Exception {
    assertThat(xml(List.of(), new Set("v1", "x-no-mmap", "off")).orElseThrow())
        .contains("<qemu:property name='x-no-mmap' type='bool' value='false'/>");
  }
}
