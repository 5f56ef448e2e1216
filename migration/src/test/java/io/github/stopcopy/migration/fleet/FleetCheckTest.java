package io.github.stopcopy.migration.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.DriverRequest;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.ProfileOrigin;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.TestVm;
import io.github.stopcopy.migration.TrackerRequest;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.fleet.FleetVm.FromLibvirt;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import io.github.stopcopy.viommu.intel.IntelIommuProvider;
import io.github.stopcopy.viommu.virtio.VirtioIommuProvider;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a fleet is told of a VM is what a check of that VM alone tells. */
class FleetCheckTest {

  private static final VmConfig MACHINE = TestVm.q35().build();

  private static Plugins plugins() throws InputException {
    return Plugins.of(
        List.of(new VfioPciProvider(), new IntelIommuProvider(), new VirtioIommuProvider()));
  }

  private static FleetCheck.Builder builder() throws InputException {
    return FleetCheck.builder(plugins(), RuleSets.load());
  }

  /** A VM alone, without anything that a fleet does to be fast. */
  private static Verdict alone(FleetVm vm) throws InputException {
    MigrationCheck check =
        MigrationCheck.of(vm.vm())
            .host(vm.host())
            .profile(vm.profile(), vm.profileOrigin())
            .plugins(plugins())
            .ruleSets(RuleSets.load());
    vm.libvirt().ifPresent(said -> check.fromLibvirt(said.interfaces()));
    return check.decide();
  }

  private static void assertIsAsAlone(FleetRow row, FleetVm vm) {
    Verdict alone;
    try {
      alone = alone(vm);
    } catch (InputException wrong) {
      assertThat(row.verdict()).isEmpty();
      assertThat(row.error()).isEqualTo(wrong.getMessage());
      return;
    }
    assertThat(row.id()).isEqualTo(vm.id());
    assertThat(row.verdict()).as(row.error()).contains(alone.kind());
    assertThat(row.profile()).contains(alone.profile());
    assertThat(row.reasons()).isEqualTo(alone.reasons());
    assertThat(row.assumptions()).isEqualTo(alone.assumptions());
  }

  /** VMs of few shapes under names that are drawn, some of which cannot be changed. */
  private static final class Fleet {

    private static final List<String> IDS =
        List.of("hostdev%d", "ua-vf-%d", "v.%d", "net%d--x", "machine", "vfio-pci", "%dx", "vf_%d");
    private static final List<QemuProfile> RELEASES =
        List.of(QemuProfile.V8_1_IOMMU_PT, QemuProfile.V10_0, QemuProfile.V11_1);

    private final Random random;

    Fleet(long seed) {
      random = new Random(seed);
    }

    FleetVm next(int number) {
      List<DeviceConfig> devices = new ArrayList<>();
      if (random.nextBoolean()) {
        devices.add(TestVm.intel());
      }
      if (random.nextInt(4) == 0) {
        devices.add(
            TestVm.device("pcie-root-port", id(), "addr=1c.0", "chassis=" + random.nextInt(2)));
      }
      Map<String, HostDevice> facts = new LinkedHashMap<>();
      int group = random.nextInt(100);
      int count = random.nextInt(4);
      for (int i = 0; i < count; i++) {
        devices.add(vfio(facts, i, group, devices));
      }
      if (random.nextInt(3) == 0) {
        devices.add(TestVm.device("virtio-net-pci", "nic", "mac=52:54:00:0:0:" + number % 99));
      }
      if (random.nextInt(5) == 0) {
        facts.put("0000:ff:1f." + random.nextInt(8), HostDevice.CAPABLE);
      }
      FleetVm vm =
          FleetVm.of("vm" + number, "n", MACHINE.withDevices(devices), TestVm.host(facts))
              .withProfile(RELEASES.get(random.nextInt(RELEASES.size())), ProfileOrigin.INPUT);
      return random.nextInt(3) == 0 ? vm.withLibvirt(libvirt(devices)) : vm;
    }

    private FromLibvirt libvirt(List<DeviceConfig> devices) {
      List<String> interfaces = new ArrayList<>();
      devices.forEach(device -> device.id().ifPresent(interfaces::add));
      return new FromLibvirt(Map.of(), interfaces, Optional.empty(), "", List.of());
    }

    private String id() {
      return String.format(IDS.get(random.nextInt(IDS.size())), random.nextInt(50));
    }

    private DeviceConfig vfio(
        Map<String, HostDevice> facts, int number, int group, List<DeviceConfig> before) {
      String bus = String.format("%02x", 1 + random.nextInt(250));
      String whole = "0000:" + bus + ":00." + number;
      String name = whole;
      String host =
          switch (random.nextInt(5)) {
            case 0 -> "host=" + bus + ":00." + number;
            case 1 -> "sysfsdev=/sys/bus/pci/devices/" + whole;
            case 2 -> {
              name = String.format("83b8f4f2-509f-382f-3c1e-e6bfe0fa1%03d", random.nextInt(999));
              yield "sysfsdev=/sys/bus/mdev/devices/" + name;
            }
            default -> "host=" + whole;
          };
      if (random.nextInt(5) > 0) {
        HostDeviceBuilder device = HostDevice.builder();
        if (random.nextInt(3) > 0) {
          device.group(random.nextBoolean() ? group : group + number);
        }
        if (random.nextInt(4) > 0) {
          device.migration(random.nextInt(3) == 0 ? TestVm.NO_P2P : TestVm.PRE_COPY);
        }
        if (random.nextInt(4) > 0) {
          device.dmaLogging(random.nextInt(3) == 0 ? DmaLogging.NONE : DmaLogging.SUPPORTED);
        }
        facts.put(name, device.build());
      }
      List<String> settings = new ArrayList<>(List.of(host));
      if (random.nextInt(4) == 0) {
        settings.add("enable-migration=" + (random.nextBoolean() ? "on" : "off"));
      } else if (random.nextInt(6) == 0) {
        settings.add("failover_pair_id=" + (random.nextBoolean() ? "nic" : "none"));
      }
      if (before.size() > 1 && random.nextInt(6) == 0) {
        before.get(before.size() - 1).id().ifPresent(id -> settings.add("bus=" + id));
      }
      return TestVm.device("vfio-pci", id(), settings.toArray(String[]::new));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anAnswerIsThatOfTheVmAloneWhateverItsDevicesAreCalled(long seed) throws InputException {
    FleetCheck check = builder().shapes(50).build();
    Fleet fleet = new Fleet(seed);
    for (int i = 0; i < 120; i++) {
      FleetVm vm = fleet.next(i);
      assertIsAsAlone(check.decide(vm), vm);
    }
  }

  @Test
  void fleetsOfTheTestHaveEveryKindOfAnswer() throws InputException {
    FleetCheck check = builder().remedies(false).build();
    FleetTally tally = new FleetTally();
    for (long seed = 1; seed <= 3; seed++) {
      Fleet fleet = new Fleet(seed);
      for (int i = 0; i < 120; i++) {
        tally.add(check.decide(fleet.next(i)));
      }
    }
    FleetSummary summary = tally.summary();
    assertThat(summary.all().vms()).isEqualTo(360);
    assertThat(summary.all().migratable()).isGreaterThan(20);
    assertThat(summary.all().conditional()).isGreaterThan(20);
    assertThat(summary.all().blocked()).isGreaterThan(20);
    assertThat(summary.all().refused()).isGreaterThan(10);
    assertThat(summary.causes()).hasSizeGreaterThan(5);
  }

  private static FleetVm oneVf(String id, String bus, int group) {
    String name = "0000:" + bus + ":00.1";
    HostDevice device =
        HostDevice.builder()
            .group(group)
            .migration(TestVm.P2P)
            .dmaLogging(DmaLogging.SUPPORTED)
            .build();
    return FleetVm.of(
        id,
        "n" + bus,
        MACHINE.withDevices(
            List.of(TestVm.intel(), TestVm.device("vfio-pci", "dev-" + id, "host=" + name))),
        TestVm.host(Map.of(name, device)));
  }

  private static Shape shape(FleetVm vm) {
    return Shape.of(vm, Set.of("intel-iommu"), "").shape();
  }

  @Test
  void vmsThatDifferInNamesAreOfOneShape() {
    assertThat(shape(oneVf("a", "3b", 7))).isEqualTo(shape(oneVf("b", "86", 31)));
  }

  @Test
  void vmsThatDifferInWhatCountsAreNot() {
    FleetVm one = oneVf("a", "3b", 7);
    FleetVm more = FleetVm.of("a", "", one.vm().toBuilder().ramSize(3L << 30).build(), one.host());
    FleetVm unknownHost = FleetVm.of("a", "", one.vm(), HostFacts.CAPABLE);
    assertThat(shape(more)).isNotEqualTo(shape(one));
    assertThat(shape(unknownHost)).isNotEqualTo(shape(one));
    assertThat(shape(one.withProfile(QemuProfile.V10_0, ProfileOrigin.ASSUMED)))
        .isNotEqualTo(shape(one));
  }

  /** A name that looks like one of ours would be taken for it on the way back. */
  @Test
  void aVmWithANameOfOursKeepsAll() throws InputException {
    FleetVm vm = oneVf("fleet-vm-device-0000", "3b", 7);
    assertThat(Shape.of(vm, Set.of(), "").shape().vm().vm()).isEqualTo(vm.vm());
    assertIsAsAlone(builder().build().decide(vm), vm);
  }

  @Test
  void sharedByThreadsItAnswersTheSame() throws Exception {
    Fleet fleet = new Fleet(9);
    List<FleetVm> vms = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      vms.add(fleet.next(i));
    }
    FleetCheck alone = builder().build();
    List<FleetRow> expected = vms.stream().map(alone::decide).toList();
    FleetCheck shared = builder().shapes(20).build();
    Callable<List<FleetRow>> all = () -> vms.stream().map(shared::decide).toList();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (Future<List<FleetRow>> answers : threads.invokeAll(List.of(all, all, all, all))) {
        assertThat(answers.get()).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aChangeIsMadeToTheVmsThatHaveItsDevice() throws InputException {
    FleetCheck check =
        builder()
            .apply(
                List.of(
                    new RemedyChange.Set("dev-a", "enable-migration", "off"),
                    new RemedyChange.Set("nobody", "x", "y")))
            .build();
    assertThat(check.unused()).containsExactly("dev-a", "nobody");
    FleetRow changed = check.decide(oneVf("a", "3b", 7));
    FleetRow other = check.decide(oneVf("b", "86", 31));
    assertThat(changed.reasons().get(0).code()).isEqualTo("MIGRATION_DISABLED");
    assertThat(other.reasons().get(0).code()).isEqualTo("VIOMMU_PRESENT");
    assertThat(check.unused()).containsExactly("nobody");
  }

  @Test
  void aDriverIsThatOfTheVmsThatHaveItsDevice() throws InputException {
    FleetVm unknown =
        FleetVm.of(
            "x",
            "",
            MACHINE.withDevices(List.of(TestVm.device("vfio-pci", "v", "host=0000:01:00.0"))),
            HostFacts.CAPABLE);
    FleetCheck check = builder().driver(new DriverRequest(Optional.of("v"), "vfio-pci")).build();
    assertThat(check.decide(unknown).verdict()).contains(VerdictKind.BLOCKED);
    assertThat(check.decide(oneVf("a", "3b", 7)).verdict()).contains(VerdictKind.BLOCKED);
    assertThat(check.unused()).isEmpty();
  }

  @Test
  void aTrackerThatIsNotThereIsARow() throws InputException {
    FleetRow row =
        builder().tracker(TrackerRequest.forAll("abacus")).build().decide(oneVf("a", "3b", 7));
    assertThat(row.verdict()).isEmpty();
    assertThat(row.error()).contains("abacus");
  }

  @Test
  void twoReleasesAreCompared() throws InputException {
    FleetCheck check =
        builder().profile(QemuProfile.V11_1).comparedWith(QemuProfile.V8_1_IOMMU_PT).build();
    FleetVm vm = oneVf("a", "3b", 7);
    FleetVm withOption =
        FleetVm.of(
            "a",
            "",
            vm.vm()
                .withDevices(
                    List.of(
                        vm.vm().devices().get(0),
                        vm.vm().devices().get(1).with("x-migration-iommu-pt", "on"))),
            vm.host());
    FleetRow row = check.decide(withOption);
    assertThat(row.verdict()).contains(VerdictKind.REFUSED);
    assertThat(row.earlier().orElseThrow().verdict()).contains(VerdictKind.CONDITIONAL);
    assertThat(row.isNewlyWorse()).isTrue();
    assertThat(check.decide(vm).isNewlyWorse()).isFalse();
  }
}
