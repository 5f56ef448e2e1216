package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.live.LiveQemu;
import io.github.stopcopy.live.qmp.QmpClient;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpRecord;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.migration.scenario.StepAnswer.AddressSpaceView;
import io.github.stopcopy.migration.scenario.StepAnswer.Row;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a real QEMU answers, beside what the model makes of its command line. VFIO devices are not
 * among its devices: no host of a test has any.
 */
@Execution(ExecutionMode.SAME_THREAD)
@Timeout(120) // a hang is a failure
class RunningQemuTest {

  private static final String Q35 =
      "-machine q35 -m 2G,slots=4,maxmem=8G -smp 2,maxcpus=4 -cpu qemu64"
          + " -device intel-iommu,id=iommu0,caching-mode=on,aw-bits=39"
          + " -device pcie-root-port,id=rp1,chassis=1,addr=3"
          + " -object memory-backend-ram,id=mem1,size=512M -device pc-dimm,id=dimm1,memdev=mem1"
          + " -device virtio-net-pci,id=net1,bus=rp1 -device virtio-rng-pci,addr=4";

  private static final String PC =
      "-machine pc -m 5G -smp 1 -cpu qemu64 -device virtio-net-pci,id=net1,addr=5";

  private static Optional<String> program = Optional.empty();

  @TempDir private Path folder;

  @BeforeAll
  static void findsQemu() throws Exception {
    program = RealQemu.program();
  }

  private RealQemu start(String options) throws Exception {
    assumeTrue(program.isPresent(), "no QEMU");
    return RealQemu.start(program.orElseThrow(), folder, options.split(" "));
  }

  private static LiveQemu read(RealQemu qemu) throws Exception {
    try (QmpClient client = QmpClient.connect(qemu.qmp())) {
      return LiveQemu.read(client, Plugins.load());
    }
  }

  private static VmConfig described(RealQemu qemu) throws InputException {
    return QemuCommandLine.parseArgv("command line", qemu.words());
  }

  @ParameterizedTest
  @ValueSource(strings = {Q35 + " -S", Q35, PC + " -S", PC})
  void R_LIVE_B1_theVmIsThatOfTheCommandLine(String options) throws Exception {
    try (RealQemu qemu = start(options)) {
      LiveQemu live = read(qemu);
      VmConfig vm = live.vm();
      VmConfig described = described(qemu);

      assertThat(live.status()).isEqualTo(options.endsWith("-S") ? "prelaunch" : "running");
      assertThat(live.blockedReasons()).isEmpty();
      assertThat(vm.isQ35()).isEqualTo(described.isQ35());
      assertThat(vm.vcpus()).isEqualTo(described.vcpus());
      assertThat(vm.ramSize()).isEqualTo(described.ramSize());
      assertThat(vm.ramSlots()).isEqualTo(described.ramSlots());
      assertThat(vm.maxRamSize()).isEqualTo(described.maxRamSize());
      assertThat(vm.cpuModel()).isEqualTo(described.cpuModel());
      assertThat(vm.accelerator()).isEqualTo(described.accelerator());
      assertThat(vm.objects().keySet()).isEqualTo(described.objects().keySet());
      assertThat(names(vm)).isEqualTo(names(described));
    }
  }

  /** Each device with what was set of it, as far as the model reads that. */
  private static TreeSet<String> names(VmConfig vm) {
    TreeSet<String> names = new TreeSet<>();
    for (DeviceConfig device : vm.devices()) {
      names.add(
          device.driver()
              + device.id().orElse("")
              + device.setting("memdev").orElse("")
              + device.setting("caching-mode").orElse("")
              + device.setting("aw-bits").orElse(""));
    }
    return names;
  }

  @ParameterizedTest
  @ValueSource(strings = {Q35, PC, "-machine q35 -m 1G -smp 1 -cpu qemu64"})
  void theModelsLayoutIsQemusOwn(String options) throws Exception {
    try (RealQemu qemu = start(options + " -S")) {
      List<Row> fromQemu = ram(read(qemu).check(HostFacts.CAPABLE, Plugins.load()));
      QemuProfile release = read(qemu).profile().profile();
      List<Row> fromModel = ram(MigrationCheck.of(described(qemu)).profile(release));

      assertThat(fromQemu).isNotEmpty().isEqualTo(fromModel);
    }
  }

  /** What the processors see of RAM above the first MiB, which firmware may change. */
  private static List<Row> ram(MigrationCheck check) throws InputException {
    for (StepAnswer answer : check.remedies(false).decide().steps()) {
      for (AddressSpaceView space : answer.memory()) {
        if (space.name().equals("memory")) {
          return space.rows().stream()
              .filter(row -> row.type().equals("ram") && row.first() >= 1 << 20)
              .toList();
        }
      }
    }
    return List.of();
  }

  @Test
  void theVerdictIsGivenAndHeldAgainstQemu() throws Exception {
    try (RealQemu qemu = start(Q35)) {
      LiveQemu live = read(qemu);
      Verdict verdict = live.check(HostFacts.CAPABLE, Plugins.load()).decide();
      assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
      assertThat(live.compare(verdict).agrees()).isTrue();
      assertThat(live.profile().profile().isFrom(QemuProfile.V8_1)).isTrue();
    }
  }

  @Test
  void aRecordTellsWhatTheRunningQemuTold() throws Exception {
    try (RealQemu qemu = start(Q35 + " -S")) {
      LiveQemu live = read(qemu);
      LiveQemu again =
          LiveQemu.read(QmpRecord.read("record", live.record().text()), Plugins.load());
      assertThat(again.vm().devices()).isEqualTo(live.vm().devices());
      assertThat(again.vm().machineType()).isEqualTo(live.vm().machineType());
      assertThat(again.check(HostFacts.CAPABLE, Plugins.load()).decide())
          .isEqualTo(live.check(HostFacts.CAPABLE, Plugins.load()).decide());
      assertThat(again.notes()).isEqualTo(live.notes());
    }
  }

  @Test
  void R_LIVE_L2_theSocketServesOneAtATime() throws Exception {
    try (RealQemu qemu = start(PC + " -S");
        QmpClient first = QmpClient.connect(qemu.qmp())) {
      assertThatThrownBy(() -> QmpClient.connect(qemu.qmp(), Duration.ofMillis(300)))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("another client such as libvirt holds this socket");
      assertThat(first.ask(QmpCommand.of("query-status")).value()).isPresent();
    }
  }

  @Test
  void R_LIVE_B2_eventsCome() throws Exception {
    try (RealQemu qemu = start(PC + " -S");
        QmpClient client = QmpClient.connect(qemu.qmp())) {
      qemu.monitor("cont");
      assertThat(client.nextEvent(Duration.ofSeconds(30)).orElseThrow().name()).isEqualTo("RESUME");
    }
  }

  /** The commands of the README's section "On a running host". */
  @Test
  void theReadmesCommandsLookAtARunningVm() throws Exception {
    String readme = Files.readString(Checkout.ROOT.resolve("README.md"));
    assertThat(readme)
        .contains("$ ./stopcopy host > host.json")
        .contains(
            "$ ./stopcopy check --qmp /run/vm42.qmp --pid $(cat /run/vm42.pid) --host host.json")
        .contains("$ ./stopcopy watch --qmp /run/vm42.qmp --host host.json");
    try (RealQemu qemu = start(Q35 + " -S")) {
      CommandHome home = CommandHome.shared();
      CommandHome.Run facts = home.start("host");
      assertThat(facts.exitCode()).as(facts.err()).isZero();
      Path host = Files.writeString(folder.resolve("host.json"), facts.out());
      CommandHome.Run check =
          home.start(
              "check",
              "--qmp",
              qemu.qmp().toString(),
              "--pid",
              Long.toString(qemu.pid()),
              "--host",
              host.toString());
      assertThat(check.err()).isEmpty();
      assertThat(check.out())
          .startsWith("migratable: no VFIO device in this VM")
          .contains(" says the same: nothing blocks.");
      assertThat(check.exitCode()).isZero();

      Path seen = folder.resolve("watch.txt");
      Process watch =
          home.begin(
              Map.of(), seen, "watch", "--qmp", qemu.qmp().toString(), "--host", host.toString());
      awaitText(watch, seen, "verdict migratable");
      qemu.monitor("cont");
      awaitText(watch, seen, "the VM is running");
      qemu.monitor("quit");
      assertThat(watch.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(Files.readString(seen))
          .contains("the VM is prelaunch")
          .contains("QEMU has closed the connection")
          .doesNotContain("stopcopy: ");
      assertThat(watch.exitValue()).isZero();
    }
  }

  private static void awaitText(Process writer, Path file, String text) throws Exception {
    while (!Files.readString(file).contains(text)) {
      assertThat(writer.isAlive()).as(() -> "waits for \"" + text + "\"").isTrue();
      Thread.sleep(50);
    }
  }
}
