package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code check --checks}: a line for each question, and what the verdict was decided from. */
class CheckListTest {

  private static final String ARGS =
      "-machine q35,accel=kvm -m 2G -device vfio-pci,host=01:00.0,id=vf0\n";

  @TempDir private Path folder;

  private String vm = "";

  @BeforeEach
  void write() throws Exception {
    Path file = folder.resolve("vm.args");
    Files.writeString(file, ARGS);
    vm = file.toString();
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes("UTF-8")));
  }

  @Test
  void whatPassedIsToldToo() throws Exception {
    String told = CommandLineRun.of("check", "--qemu-args", vm, "--checks").out();

    assertThat(told)
        .contains(
            "\n"
                + "What was asked\n"
                + "  the VM\n"
                + "    PASS  does QEMU start with it: 1 VFIO device, no vIOMMU\n")
        .contains("  device 0000:01:00.0 (vf0)\n    PASS  does its owner allow it: ")
        .contains("    IF    is it known what it can do: ")
        .contains("[HOST_ASSUMED]")
        .contains("\nDecided from\n  --qemu-args " + vm + ", SHA-256 " + sha256(ARGS) + "\n")
        .contains("  QEMU 11.1, assumed, held against a recorded binary\n")
        .contains(" assumed facts, told above\n");
    assertThat(told.lines()).noneMatch(line -> line.startsWith("    NO"));
  }

  @Test
  void withoutTheOptionNothingOfItIsTold() {
    assertThat(CommandLineRun.of("check", "--qemu-args", vm).out())
        .doesNotContain("What was asked", "Decided from");
  }

  @Test
  void programsGetTheSame() throws Exception {
    String out =
        CommandLineRun.of("check", "--qemu-args", vm, "--checks", "--format", "json").out();
    JsonNode answer = new ObjectMapper().readTree(out);

    assertThat(answer.get("checks")).hasSizeGreaterThan(8);
    assertThat(answer.get("checks").get(0).get("outcome").textValue()).isEqualTo("pass");
    assertThat(answer.get("decided-from").get(0).get("sha256").textValue()).isEqualTo(sha256(ARGS));
  }

  @Test
  void itIsOfOneReleaseAndNotQuiet() {
    assertThat(CommandLineRun.of("check", "--qemu-args", vm, "--checks", "--quiet").exitCode())
        .isEqualTo(2);
    assertThat(
            CommandLineRun.of("check", "--qemu-args", vm, "--checks", "--qemu-version", "all")
                .err())
        .contains("--checks is given with several releases");
  }
}
