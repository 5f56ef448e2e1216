package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** {@code check --prove} on a real QEMU: one VM, and what the binary does with it. */
@Execution(ExecutionMode.SAME_THREAD)
@Timeout(300) // a hang is a failure
class ProveTest {

  private static Optional<String> program = Optional.empty();
  private static Optional<CommandHome> home = Optional.empty();

  /** The library of the stand-in, which is built once. */
  @TempDir private static Path shared;

  @TempDir private Path folder;

  @BeforeAll
  static void findsQemuAndACompiler() throws Exception {
    program = RealQemu.withCompiler();
    if (program.isPresent()) {
      home = Optional.of(CommandHome.shared());
    }
  }

  private CommandHome.Run prove(String... options) throws Exception {
    assumeTrue(program.isPresent(), "no QEMU, or no C compiler");
    Files.createDirectory(folder.resolve("tmp"));
    List<String> words =
        new ArrayList<>(List.of("check", "--quiet", "--prove", "--qemu", program.orElseThrow()));
    words.addAll(List.of(options));
    CommandHome.Run run =
        home.orElseThrow()
            .start(
                Map.of(
                    "JDK_JAVA_OPTIONS",
                    "-Djava.io.tmpdir=" + folder.resolve("tmp"),
                    "XDG_CACHE_HOME",
                    shared.resolve("cache").toString()),
                words.toArray(String[]::new));
    assertThat(folder.resolve("tmp")).isEmptyDirectory();
    return run;
  }

  /** Where its lines end depends on what the binary calls itself. */
  private static String unwrapped(CommandHome.Run run) {
    return run.out().replaceAll("\\s+", " ");
  }

  private String args(String devices) throws Exception {
    return Files.writeString(
            folder.resolve("vm.args"),
            "qemu-system-x86_64 -machine q35,kernel-irqchip=split -m 64G -smp 4"
                + " -drive file=/no/such/disk.qcow2,if=virtio -netdev tap,id=n0,script=/no/such"
                + " -device virtio-net-pci,netdev=n0 -monitor unix:/no/such/socket "
                + devices)
        .toString();
  }

  @Test
  void R_BLK_26_aVmBehindAVIommuIsBlockedAndProven() throws Exception {
    CommandHome.Run run =
        prove(
            "--qemu-args",
            args("-device intel-iommu,caching-mode=on -device vfio-pci,host=0000:3b:00.2,id=vf0"));

    assertThat(run.err()).doesNotContain("stopcopy:"); // the JVM tells of its options there
    assertThat(unwrapped(run))
        .startsWith("blocked: ")
        .contains(" Proven: QEMU ", "it ended blocked", "disks");
    assertThat(run.exitCode()).isEqualTo(1);
  }

  @Test
  void aVmThatMigratesIsProven() throws Exception {
    CommandHome.Run run =
        prove("--qemu-args", args("-device vfio-pci,host=0000:3b:00.2,id=vf0"), "--format", "json");
    JsonNode json = new ObjectMapper().readTree(run.out());

    assertThat(json.at("/proof/result").textValue()).isEqualTo("agrees");
    assertThat(json.at("/proof/outcome").textValue()).isEqualTo("completed");
    assertThat(json.at("/proof/differences")).isEmpty();
    assertThat(json.get("verdict").textValue()).isEqualTo("conditional"); // HOST_ASSUMED
    assertThat(run.exitCode()).isZero();
  }

  /** Nobody is in the guest who lets go: what follows is of another VM than the one in question. */
  @Test
  void aGuestThatDoesSomethingElseProvesNothing() throws Exception {
    Path scenario =
        Files.writeString(
            folder.resolve("plug.json"),
            "{\"id\":\"plug\",\"profile\":\"10.0\",\"argv\":[\"-nodefaults\",\"-machine\",\"q35\",\"-m\",\"1G\",\"-device\","
                + "\"pcie-root-port,id=rp1,chassis=1\"],\"steps\":[{\"do\":\"boot\"},"
                + "{\"do\":\"device-add\",\"args\":{\"driver\":\"vfio-pci\",\"id\":\"v1\",\"bus\":\"rp1\","
                + "\"host\":\"0000:3b:00.2\",\"enable-migration\":\"off\"}},"
                + "{\"do\":\"device-del\",\"id\":\"v1\"},{\"do\":\"migrate\"}]}");
    CommandHome.Run run = prove("--scenario", scenario.toString(), "--format", "json");
    JsonNode proof = new ObjectMapper().readTree(run.out()).get("proof");

    assertThat(proof.get("result").textValue()).isEqualTo("not-proven");
    assertThat(proof.get("unproven").toString()).contains("the guest here does something else");
    assertThat(proof.get("notes").toString()).contains("step 3: the guest does not let go of v1");
    assertThat(proof.get("differences")).isEmpty(); // its properties came along, and it blocks
    assertThat(proof.get("outcome").textValue()).isEqualTo("blocked");
    assertThat(run.exitCode()).isEqualTo(1);
  }

  /** Another release than the one that was asked about shows nothing about that one. */
  @Test
  void anotherReleaseProvesNothing() throws Exception {
    CommandHome.Run run =
        prove(
            "--qemu-args",
            args("-device vfio-pci,host=0000:3b:00.2,id=vf0"),
            "--qemu-version",
            "8.2");

    assertThat(unwrapped(run)).contains(" Not proven on QEMU ", "the verdict is about 8.2");
    assertThat(run.exitCode()).isEqualTo(1);
  }

  /** Processes that were started with a file of this test among their words. */
  private List<ProcessHandle> running() {
    String mark = folder.resolve("tmp") + "/stopcopy-standin-";
    return ProcessHandle.allProcesses()
        .filter(process ->
            process.info().commandLine().orElse("").contains(mark)
                && process.pid() != ProcessHandle.current().pid())
        .toList();
  }

  private List<ProcessHandle> startedBy(Process proof) {
    List<ProcessHandle> running = running();
    return proof.descendants().filter(running::contains).toList();
  }

  /** Starts the proof of a VM that migrates. */
  private Process start(String name) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                home.orElseThrow().folder().resolve("stopcopy").toString(),
                "check",
                "--quiet",
                "--prove",
                "--qemu",
                program.orElseThrow(),
                "--qemu-args",
                args("-device vfio-pci,host=0000:3b:00.2,id=vf0"))
            .redirectOutput(folder.resolve(name).toFile())
            .redirectError(folder.resolve(name + ".err").toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + folder.resolve("tmp"));
    builder.environment().put("XDG_CACHE_HOME", shared.resolve("cache").toString());
    return builder.start();
  }

  /** Of two that prove at once one is interrupted: it leaves nothing, and the other proves. */
  @Test
  void whoIsInterruptedLeavesNothingAndDisturbsNobody() throws Exception {
    assumeTrue(program.isPresent(), "no QEMU, or no C compiler");
    Files.createDirectory(folder.resolve("tmp"));
    Process whole = start("two");
    Process interrupted = start("one");
    List<ProcessHandle> first = startedBy(interrupted);
    while (first.isEmpty()) {
      assertThat(interrupted.isAlive()).isTrue();
      Thread.sleep(5);
      first = startedBy(interrupted);
    }
    interrupted.destroy(); // as Ctrl-C does, it lets the JVM end in order
    assertThat(interrupted.waitFor(1, TimeUnit.MINUTES)).isTrue();
    for (ProcessHandle process : first) {
      process.onExit().get(1, TimeUnit.MINUTES);
    }

    assertThat(whole.waitFor(4, TimeUnit.MINUTES)).isTrue();
    assertThat(Files.readString(folder.resolve("two"))).contains("Proven: QEMU");
    assertThat(whole.exitValue()).isZero();
    assertThat(running()).isEmpty();
    assertThat(folder.resolve("tmp")).isEmptyDirectory();
  }
}
