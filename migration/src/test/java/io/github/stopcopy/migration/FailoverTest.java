package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.container;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.last;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.port;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.snapshot;
import static io.github.stopcopy.migration.TestVm.verdict;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.event.MigrationEvent;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.vm.FailoverPrimary;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Assigned devices for which a virtio-net device stands in (R-OBS-115, R-OBS-143). */
class FailoverTest {

  private static final QemuProfile V11_1 = QemuProfile.V11_1;
  private static final DeviceConfig PORT_0 = port("rp0", "3");
  private static final DeviceConfig PORT_1 = port("rp1", "4");
  private static final DeviceConfig NET =
      device("virtio-net-pci", "net0", "bus=rp0", "failover=on");

  private static DeviceConfig primary(String... more) {
    String[] settings = new String[more.length + 2];
    settings[0] = "bus=rp1";
    settings[1] = "failover_pair_id=net0";
    System.arraycopy(more, 0, settings, 2, more.length);
    return vfio(A, settings);
  }

  private static VmConfig paired(String... more) {
    return q35(PORT_0, PORT_1, NET, primary(more));
  }

  private static Step accept() {
    return new Step.AcceptStandby();
  }

  private static List<MigrationStatus> statuses(Story story) {
    return story.sinceMigrate().stream()
        .filter(MigrationEvent.StatusChanged.class::isInstance)
        .map(event -> ((MigrationEvent.StatusChanged) event).after())
        .toList();
  }

  @Test
  void R_OBS_115_aPrimaryIsHiddenUntilTheGuestAccepts() throws Exception {
    Story hidden = play(V11_1, paired(), snapshot());
    Story shown = play(V11_1, paired(), accept(), snapshot());

    assertThat(hidden.vm().vfioDevices()).isEmpty();
    assertThat(hidden.vm().containers()).isEmpty();
    assertThat(hidden.vm().failoverPrimaries())
        .containsExactly(new FailoverPrimary(A, "net0", true, true));
    assertThat(shown.vm().vfioDevices()).hasSize(1);
    assertThat(shown.vm().failoverPrimaries())
        .containsExactly(new FailoverPrimary(A, "net0", true, false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"enable-migration=auto", "enable-migration=on", "enable-migration=off"})
  void R_OBS_115_nothingBlocksAndTheMigrationWaitsForTheGuest(String setting) throws Exception {
    VmConfigBuilder behindIommu =
        q35().devices(List.of(intel(), PORT_0, PORT_1, NET, primary(setting)));

    Story story = play(V11_1, behindIommu.onlyMigratable(true).build(), accept(), migrate());

    assertThat(story.vm().exitCode()).isEmpty();
    assertThat(story.refusedMigration()).isEmpty();
    assertThat(statuses(story))
        .startsWith(MigrationStatus.SETUP, MigrationStatus.WAIT_UNPLUG, MigrationStatus.ACTIVE)
        .endsWith(MigrationStatus.COMPLETED);
    assertThat(story.sinceMigrate()).contains(new MigrationEvent.UnplugAsked(A));
    assertThat(last(story).deviceStates()).isEmpty();
  }

  @Test
  void R_OBS_115_aHiddenPrimaryIsNotWaitedFor() throws Exception {
    Story story = play(V11_1, paired(), migrate());

    assertThat(statuses(story)).doesNotContain(MigrationStatus.WAIT_UNPLUG);
    assertThat(story.vm().migrationStatus()).isEqualTo(MigrationStatus.COMPLETED);
  }

  @Test
  void R_OBS_115_theVerdictIsThatTheGuestMustLetGo() throws Exception {
    Verdict verdict = MigrationCheck.of(paired()).profile(V11_1).plugins(plugins()).decide();

    assertThat(verdict.kind()).isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(verdict.reasons()).extracting(Reason::code).containsExactly("FAILOVER_PRIMARY");
    assertThat(verdict.reasons().get(0).explanation()).contains("net0 stands in", "wait-unplug");
    assertThat(verdict.reasons().get(0).assumes()).hasSize(1);
    assertThat(verdict.steps())
        .extracting(StepAnswer::step)
        .containsExactly("boot", "accept-standby", "snapshot", "migrate");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pcie.0 | v1 | Bus 'pcie.0' does not support hotplugging",
        "nobus  | v1 | Bus 'nobus' not found",
        "rp1    |    | Device with failover_pair_id needs to have id",
        "pcie.0 |    | Device with failover_pair_id needs to have id"
      })
  void R_OBS_115_qemuDoesNotStartWithAPrimaryThatCannotBePlugged(String bus, String id, String text)
      throws Exception {
    DeviceConfig device =
        device(
            "vfio-pci", id == null ? "" : id, "host=" + A, "bus=" + bus, "failover_pair_id=net0");

    Verdict verdict = verdict(scenario(V11_1, q35(PORT_0, PORT_1, NET, device), HostFacts.CAPABLE));

    assertThat(verdict.kind()).isEqualTo(VerdictKind.REFUSED);
    assertThat(verdict.reasons().get(0).qemuText()).isEqualTo(text);
    assertThat(verdict.reasons().get(0).rules()).contains("R-OBS-115");
  }

  @Test
  void R_OBS_115_aStandbyStandsInForOneOnly() throws Exception {
    DeviceConfig second = vfio(B, "bus=rp2", "failover_pair_id=net0");

    Story story = play(V11_1, q35(PORT_0, PORT_1, port("rp2", "6"), NET, primary(), second));

    assertThat(last(story).errors())
        .containsExactly("Cannot attach more than one primary device to 'net0': 'v1' and 'v2'");
  }

  @Test
  void R_OBS_115_whatIsKnownNotToBeEthernetStaysOutWithAWarning() throws Exception {
    Story other = play(V11_1, paired("x-pci-class-code=0x030000"), accept(), migrate());
    Story ethernet = play(V11_1, paired("x-pci-class-code=0x020000"), accept());

    assertThat(other.answers().get(1).warnings())
        .contains("failover primary device is not an Ethernet device");
    assertThat(other.vm().vfioDevices()).isEmpty();
    assertThat(other.vm().containers()).isEmpty();
    assertThat(statuses(other)).doesNotContain(MigrationStatus.WAIT_UNPLUG);
    assertThat(ethernet.vm().vfioDevices()).hasSize(1);
    assertThat(
            verdict(
                    scenario(
                        V11_1,
                        paired("x-pci-class-code=0x030000"),
                        HostFacts.CAPABLE,
                        accept(),
                        migrate()))
                .warnings())
        .contains("QEMU warns: failover primary device is not an Ethernet device");
  }

  @Test
  void R_OBS_115_aWrongPropertyIsFoundOnlyWhenTheGuestAccepts() throws Exception {
    Story story = play(V11_1, paired("x-foo=1"), accept());

    assertThat(story.answers().get(0).errors()).isEmpty();
    assertThat(last(story).warnings()).containsExactly("Property 'vfio-pci.x-foo' not found");
    assertThat(story.vm().exitCode()).isEmpty();
  }

  @Test
  void R_OBS_115_aStandbyWithoutAPrimaryIsToldWhenTheGuestAccepts() throws Exception {
    Story story = play(V11_1, q35(PORT_0, NET), accept());

    assertThat(last(story).warnings()).containsExactly("Primary device not found");
    assertThat(last(story).errors())
        .containsExactly(
            "Virtio-net failover will not work. Make sure primary device has parameter"
                + " failover_pair_id=net0");
  }

  @Test
  void R_OBS_115_aPrimaryBeforeItsStandbyIsNotHiddenAndLeavesAllTheSame() throws Exception {
    Story story = play(V11_1, q35(PORT_0, PORT_1, primary(), NET), accept(), migrate());

    assertThat(story.answers().get(1).warnings()).isEmpty();
    assertThat(statuses(story)).contains(MigrationStatus.WAIT_UNPLUG);
  }

  @Test
  void R_OBS_115_failoverCanBeAGlobalDefault() throws Exception {
    VmConfig vm =
        q35()
            .devices(List.of(PORT_0, PORT_1, device("virtio-net-pci", "net0"), primary()))
            .global(new GlobalProperty("virtio-net-pci", PropertySetting.of("failover", "on")))
            .build();

    assertThat(play(V11_1, vm).vm().vfioDevices()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "off"})
  void R_OBS_143_withoutAStandbyTheStateIsLostAndNothingBlocks(String failover) throws Exception {
    DeviceConfig net =
        failover.isEmpty()
            ? device("virtio-net-pci", "other", "bus=rp0", "failover=on")
            : device("virtio-net-pci", "net0", "bus=rp0", "failover=" + failover);
    VmConfig vm = q35(intel(), PORT_0, PORT_1, net, primary());

    Verdict verdict = MigrationCheck.of(vm).profile(V11_1).plugins(plugins()).decide();

    assertThat(verdict.kind()).isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(verdict.reasons()).extracting(Reason::code).containsExactly("FAILOVER_PAIR_MISSING");
    assertThat(verdict.reasons().get(0).explanation()).contains("failover_pair_id=net0", "is lost");
    assertThat(verdict.warnings())
        .anyMatch(line -> line.startsWith("FAILOVER_PAIR_MISSING, " + A + ": "));
    assertThat(
            verdict.reasons().get(0).remedies().stream()
                .anyMatch(
                    remedy -> remedy.text().startsWith("set failover=on on the virtio-net device")))
        .isEqualTo(!failover.isEmpty());
  }

  @Test
  void R_OBS_115_whoTakesNoPartMustBeAloneInAnEthernetSlotOnPciExpress() throws Exception {
    Story shared = play(V11_1, q35(PORT_1, primary("multifunction=on", "addr=0")));
    Story conventional =
        play(
            V11_1,
            q35(
                device("pcie-pci-bridge", "br", "addr=3"),
                vfio(A, "bus=br", "failover_pair_id=x")));

    assertThat(last(shared).errors())
        .containsExactly("failover: primary device must be in its own PCI slot");
    assertThat(last(conventional).errors())
        .containsExactly("failover primary device must be on PCIExpress bus");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void R_DT_54_aPrimarySilencesTheDevicesOfItsContainer(boolean isPaired) throws Exception {
    DeviceConfig other =
        vfio(B, "bus=rp2", "x-device-dirty-page-tracking=off", "enable-migration=on");
    VmConfig vm =
        isPaired
            ? q35(PORT_0, PORT_1, port("rp2", "6"), NET, primary(), other)
            : q35(PORT_1, port("rp2", "6"), primary(), other);

    Verdict verdict = MigrationCheck.of(vm).profile(V11_1).plugins(plugins()).decide();

    assertThat(verdict.reasons())
        .extracting(Reason::code, reason -> reason.device().orElse(""))
        .contains(tuple("TRACKED_BY_NOBODY", B));
    assertThat(verdict.reasons())
        .filteredOn(reason -> reason.device().equals(Optional.of(B)))
        .extracting(Reason::explanation)
        .anyMatch(text -> text.contains("shares a container with " + A));
  }

  /** libvirt may hand over an open file instead of an address. */
  @Test
  void R_OBS_115_aHiddenPrimaryThatIsAFileHasTheNameOfItsId() throws Exception {
    DeviceConfig opened = device("vfio-pci", "vf", "fd=7", "bus=rp1", "failover_pair_id=net0");

    assertThat(play(V11_1, q35(PORT_0, PORT_1, NET, opened)).vm().failoverPrimaries())
        .containsExactly(new FailoverPrimary("vf", "net0", true, true));
  }

  /** It is not unplugged, and nobody knows what it wrote. */
  @Test
  void R_OBS_143_aPrimaryWithoutStandbyThatNobodyTracksIsToldToo() throws Exception {
    HostFacts nobody =
        host(
            container(false, Optional.empty(), Optional.empty(), false),
            Map.of(A, can(P2P, DmaLogging.NONE)));

    Verdict verdict = verdict(scenario(V11_1, q35(PORT_1, primary()), nobody, migrate()));

    assertThat(verdict.reasons())
        .extracting(Reason::code, reason -> reason.device().orElse(""))
        .containsExactly(tuple("FAILOVER_PAIR_MISSING", A), tuple("TRACKED_BY_NOBODY", A));
  }
}
