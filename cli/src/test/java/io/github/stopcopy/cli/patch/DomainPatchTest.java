package io.github.stopcopy.cli.patch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Changes at their place in the XML of a domain, and nothing else touched. */
class DomainPatchTest {

  private static final List<RemedyChange> SETTING = List.of(new RemedyChange.Set("x", "y", "z"));

  private static Optional<String> with(String xml, String added) {
    return new DomainPatch(xml).with(SETTING, Optional.of(added));
  }

  @Test
  void anAttributeIsSetWhereItBelongs() {
    String added = "<iommu model='intel'> <driver caching_mode='on'/> </iommu>";

    assertThat(with("<domain><devices><iommu model='intel'/></devices></domain>", added))
        .contains(
            """
            <domain><devices><iommu model='intel'>
              <driver caching_mode='on'/>
            </iommu></devices></domain>\
            """);
    assertThat(
            with(
                "<domain><devices>\n  <iommu model=\"intel\"><driver eim='on'/></iommu>\n"
                    + "</devices></domain>",
                added))
        .contains(
            "<domain><devices>\n  <iommu model=\"intel\"><driver caching_mode='on' eim='on'/>"
                + "</iommu>\n</devices></domain>");
    assertThat(
            with(
                "<domain><devices><iommu><driver a='>' caching_mode = \"off\"/></iommu></devices>"
                    + "</domain>",
                added))
        .contains(
            "<domain><devices><iommu><driver a='>' caching_mode='on'/></iommu></devices></domain>");
  }

  @Test
  void theMachineTypeIsSetBesideWhatElseIsSaidOfIt() {
    String added = "<os> <type machine='pc-q35-9.1'/> </os>";

    assertThat(
            with(
                """
                <domain>
                  <os>
                    <type arch='x86_64' machine="pc-q35-7.2">hvm</type>
                  </os>
                </domain>
                """,
                added))
        .contains(
            """
            <domain>
              <os>
                <type arch='x86_64' machine='pc-q35-9.1'>hvm</type>
              </os>
            </domain>
            """);
    assertThat(with("<domain><os><type>hvm</type></os></domain>", added))
        .contains("<domain><os><type machine='pc-q35-9.1'>hvm</type></os></domain>");
    assertThat(with("<domain/>", added)).isEmpty();
  }

  @Test
  void aVirtualIommuComesOrTakesThePlaceOfAnother() {
    String added = "<iommu model='intel'> <driver caching_mode='on' aw_bits='39'/> </iommu>";
    List<RemedyChange> add = List.of(new RemedyChange.Add("intel-iommu", Map.of()));
    List<RemedyChange> replace = List.of(new RemedyChange.Replace("iommu0", "virtio-iommu-pci"));
    String none =
        """
        <domain>
          <devices>
            <emulator>x</emulator>
          </devices>
        </domain>
        """;

    assertThat(new DomainPatch(none).with(add, Optional.of(added)))
        .contains(
            """
            <domain>
              <devices>
                <emulator>x</emulator>
                <iommu model='intel'>
                  <driver caching_mode='on' aw_bits='39'/>
                </iommu>
              </devices>
            </domain>
            """);
    assertThat(
            new DomainPatch(
                    """
                    <domain>
                      <devices>
                        <iommu model='intel'>
                          <driver intremap='on'/>
                        </iommu>
                      </devices>
                    </domain>
                    """)
                .with(replace, Optional.of("<iommu model='virtio'/>")))
        .contains(
            """
            <domain>
              <devices>
                <iommu model='virtio'/>
              </devices>
            </domain>
            """);
    assertThat(new DomainPatch("<domain><devices/></domain>").with(add, Optional.of(added)))
        .isEmpty();
  }

  /** What stands in comments and in CDATA is no element, and the domain may be in a status. */
  @Test
  void whatOnlyLooksLikeAnElementIsLeftAlone() {
    String xml =
        """
        <domstatus>
        <!-- <domain><devices><iommu/></devices></domain> -->
        <domain>
          <title><![CDATA[<devices><iommu/>]]></title>
          <devices>
            <iommu model='intel'/>
          </devices>
        </domain>
        </domstatus>
        """;
    List<RemedyChange> removal = List.of(new RemedyChange.Remove("intel-iommu"));

    assertThat(new DomainPatch(xml).with(removal, Optional.empty()))
        .contains(xml.replace("    <iommu model='intel'/>\n", ""));
  }

  @Test
  void anOverrideGoesIntoTheOneThatIsThere() {
    String added =
        """
        <qemu:override xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
          <qemu:device alias='ua-b'/>
        </qemu:override>\
        """;

    assertThat(
            with(
                """
                <domain>
                  <devices/>
                  <qemu:override>
                    <qemu:device alias='ua-a'/>
                  </qemu:override>
                </domain>
                """,
                added))
        .contains(
            """
            <domain>
              <devices/>
              <qemu:override>
                <qemu:device alias='ua-a'/>
                <qemu:device alias='ua-b'/>
              </qemu:override>
            </domain>
            """);
  }

  @Test
  void processorsChangeWhereNothingElseCountsThem() {
    List<RemedyChange> cpus = List.of(new RemedyChange.Set("smp", "cpus", "255"));
    String xml = "<domain><vcpu placement='static'>300</vcpu></domain>";

    assertThat(new DomainPatch(xml).with(cpus, Optional.empty()))
        .contains("<domain><vcpu placement='static'>255</vcpu></domain>");
    assertThat(
            new DomainPatch(xml.replace("</vcpu>", "</vcpu><cpu><topology cores='300'/></cpu>"))
                .with(cpus, Optional.empty()))
        .isEmpty();
  }

  @Test
  void whatHasNoPlaceMakesNoPatch() {
    assertThat(with("<domain><devices/></domain>", "<hostdev> <!-- v1 --> </hostdev>")).isEmpty();
    assertThat(new DomainPatch("<domain/>").with(SETTING, Optional.empty())).isEmpty();
    assertThat(
            new DomainPatch("<domain><devices/></domain>")
                .with(List.of(new RemedyChange.Remove("iommu0")), Optional.empty()))
        .isEmpty();
  }
}
