package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.json.FormatKey;
import io.github.stopcopy.json.JsonSchema;
import io.github.stopcopy.migration.reason.ReasonCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code stopcopy explain}: codes, keys, texts and logs; what is not known is bad input. */
class ExplainCommandTest {

  private static final String PRESENT =
      "0000:3b:00.2: Migration is currently not supported with vIOMMU enabled";

  @TempDir private Path folder;

  private static CommandLineRun explain(String... words) {
    String[] all = new String[words.length + 1];
    all[0] = "explain";
    System.arraycopy(words, 0, all, 1, words.length);
    return CommandLineRun.of(all);
  }

  private static String answer(String... words) {
    CommandLineRun run = explain(words);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    return run.out();
  }

  private static String refusal(String... words) {
    CommandLineRun run = explain(words);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(1);
    return run.err();
  }

  @ParameterizedTest
  @EnumSource
  void everyCodeIsExplained(ReasonCode code) {
    assertThat(answer(code.name()))
        .startsWith(code + ": ")
        .contains("What it means", "Wrong: ", "Right: ", "$ stopcopy check ");
    assertThat(answer(code.name()).lines()).allMatch(line -> line.stripTrailing().equals(line));
  }

  @Test
  void aCodeMayBeWrittenInSmallLettersAndWithHyphens() {
    assertThat(answer("viommu-present")).isEqualTo(answer("VIOMMU_PRESENT"));
  }

  @Test
  void whatIsNearAnUnknownCodeIsNamed() {
    assertThat(refusal("VIOMMU_PRESEND")).contains("is not known", "near it are VIOMMU_PRESENT");
    assertThat(refusal("host.devices.dma-loging")).contains("near it are host.devices.dma-logging");
    assertThat(refusal("dma-loging")).contains("host.devices.dma-logging");
    assertThat(refusal("")).contains("is not known, expected a code");
    assertThat(refusal("x".repeat(10_000))).hasSizeLessThan(300).doesNotContain("near it");
  }

  @Test
  void aKeyIsExplainedFromItsSchema() {
    assertThat(answer("host.devices.dma-logging"))
        .contains("Whether the device can log what it writes.", "true or false", "Default:  true");
    assertThat(answer("devices.dma-logging")).contains("host.devices.dma-logging\n");
    assertThat(answer("verdict.reasons.code")).contains("verdict.reasons.code\n");
    assertThat(answer("verdict.reasons.remedies.needs")).contains("newer-qemu");
    assertThat(answer("scenario.steps.hold")).contains("scenario.steps.hold\n");
  }

  @ParameterizedTest
  @EnumSource
  void everyKeyOfEveryFormatIsExplained(JsonSchema format) {
    List<FormatKey> keys = FormatKey.of(format);
    assertThat(keys).isNotEmpty();
    for (FormatKey key : keys) {
      assertThat(key.description()).as(key.path()).isNotEmpty();
    }
    FormatKey last = keys.get(keys.size() - 1);
    assertThat(answer(last.path())).contains(last.path() + "\n");
  }

  @Test
  void aTextIsExplainedWithItsDevice() {
    assertThat(answer("--text", "error: " + PRESENT))
        .contains(
            "VIOMMU_PRESENT, device 0000:3b:00.2\n",
            "QEMU says: " + PRESENT,
            "stopcopy explain VIOMMU_PRESENT");
  }

  @Test
  void whatLibvirtSaysOnItsOwnIsKnown() {
    assertThat(answer("--text", "domain has assigned non-USB host devices"))
        .contains("libvirt itself refuses");
    assertThat(
            answer(
                "--text",
                "cannot migrate domain: "
                    + PRESENT
                    + "; 0000:3b:00.3: VFIO migration is not"
                    + " supported in kernel"))
        .contains("VIOMMU_PRESENT, device 0000:3b:00.2", "NO_KERNEL_SUPPORT, device 0000:3b:00.3");
  }

  @Test
  void whatIsNoReasonIsSaidToBeNone() {
    assertThat(
            answer(
                "--text",
                "VFIO dma-buf not supported in kernel, using mmap fallback, P2P DMA will not work"))
        .startsWith("Of no concern by itself");
  }

  @Test
  void aTextThatIsNotKnownSaysHowToReportIt() {
    assertThat(refusal("--text", "all is well")).contains("not known", "please report it");
    assertThat(refusal("--text", "")).contains("not known");
  }

  @Test
  void aLogIsReadLineByLineAndTheSameIsToldOnce() throws Exception {
    Path log = folder.resolve("vm.log");
    Files.write(
        log,
        List.of(
            "2025-01-01 00:00:00.000+0000: starting up libvirt version: 10.0.0",
            "/usr/bin/qemu-system-x86_64 -machine q35 \\",
            "-device vfio-pci,host=3b:00.2 \\",
            "2025-01-01T00:00:01Z qemu-system-x86_64: " + PRESENT,
            "2025-01-01T00:00:02Z qemu-system-x86_64: " + PRESENT.replace("3b:00.2", "3b:00.3"),
            "2025-01-01T00:00:03Z qemu-system-x86_64: vfio: something quite new\u001b[2J"));

    String told = answer("--log", log.toString());
    assertThat(told)
        .contains("VIOMMU_PRESENT, devices 0000:3b:00.2, 0000:3b:00.3 (x 2, first in line 4)")
        .contains("Not known\n  6: 2025-01-01T00:00:03Z", "please report it")
        .doesNotContain("\u001b", "-device vfio-pci");
  }

  @Test
  void aLogWithoutAnythingKnownOrThatIsNoTextIsBadInput() throws Exception {
    Path log = folder.resolve("vm.log");
    Files.writeString(log, "nothing\nto see\n");
    assertThat(refusal("--log", log.toString())).contains("no message in it is known");
    Files.write(log, new byte[] {0, 1, 2});
    assertThat(refusal("--log", log.toString())).contains("is no text");
    assertThat(refusal("--log", folder.resolve("none").toString())).contains("no such file");
  }

  @Test
  void oneThingIsExplainedAtATime() {
    assertThat(refusal()).contains("none is given");
    assertThat(refusal("VIOMMU_PRESENT", "--text", PRESENT)).contains("2 are given");
  }
}
