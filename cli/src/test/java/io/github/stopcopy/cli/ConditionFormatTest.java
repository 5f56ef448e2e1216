package io.github.stopcopy.cli;

import static io.github.stopcopy.cli.CommandLineRun.example;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** {@code check --format condition}: a verdict as Kubernetes has conditions. */
class ConditionFormatTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static CommandLineRun check(String example, String... more) {
    String[] words = new String[more.length + 7];
    words[0] = "check";
    words[1] = "--qemu-args";
    words[2] = example(example, "qemu.args");
    words[3] = "--host";
    words[4] = example(example, "host.json");
    words[5] = "--format";
    words[6] = "condition";
    System.arraycopy(more, 0, words, 7, more.length);
    return CommandLineRun.of(words);
  }

  private static JsonNode condition(CommandLineRun run) throws IOException {
    assertThat(run.err()).isEmpty();
    return MAPPER.readTree(run.out());
  }

  @Test
  void aBlockedVmIsFalseWithItsCausesInOrder() throws Exception {
    CommandLineRun run = check("big-q35-intel-viommu", "--qemu-version", "11.1");
    JsonNode condition = condition(run);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(condition.get("type").textValue()).isEqualTo("LiveMigratable");
    assertThat(condition.get("status").textValue()).isEqualTo("False");
    assertThat(condition.get("reason").textValue()).isEqualTo("VIOMMU_PRESENT");
    assertThat(condition.get("message").textValue())
        .startsWith("blocked (QEMU 11.1): VIOMMU_PRESENT: ")
        .endsWith(" [0000:3b:00.2, 0000:3b:00.3]");
  }

  @Test
  void oneThatMigratesIsTrue() throws Exception {
    CommandLineRun run = check("plain-one-vf", "--qemu-version", "11.1");
    JsonNode condition = condition(run);

    assertThat(run.exitCode()).isZero();
    assertThat(condition.get("status").textValue()).isEqualTo("True");
    assertThat(condition.get("reason").textValue()).isEqualTo("MIGRATABLE");
  }

  /** Never a false green: what rests on something that nobody said is not known. */
  @Test
  void whatDependsIsUnknown() throws Exception {
    CommandLineRun run =
        CommandLineRun.of(
            "check", "--qemu-args", example("plain-one-vf", "qemu.args"), "--format", "condition");
    JsonNode condition = condition(run);

    assertThat(run.exitCode()).isZero();
    assertThat(condition.get("status").textValue()).isEqualTo("Unknown");
    assertThat(condition.get("reason").textValue()).isEqualTo("HOST_ASSUMED");
  }

  @Test
  void itIsOneConditionOfOneRelease() {
    CommandLineRun several = check("plain-one-vf", "--qemu-version", "all");
    assertThat(several.exitCode()).isEqualTo(2);
    assertThat(several.err()).contains("--format condition is given with several releases");
    assertThat(check("plain-one-vf", "--checks").err())
        .contains("--checks is given with --format condition");
    assertThat(CommandLineRun.of("plugins", "--format", "condition").err())
        .contains("--format is 'condition', expected text or json");
  }

  /** The sample shows what the command prints. */
  @Test
  void theSampleIsUpToDate() throws Exception {
    String page = Files.readString(CommandLineRun.EXAMPLES.resolve("kubevirt/README.md"));
    String printed = check("big-q35-intel-viommu", "--qemu-version", "11.1").out().strip();
    assertThat(page).contains(printed);
  }
}
