package io.github.stopcopy.cli;

import static io.github.stopcopy.cli.CommandLineRun.example;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code check --advice}: what rule sets of plugins say stands beside the answer. */
class AdviceOptionsTest {

  @TempDir private Path folder;

  private static CommandLineRun check(Path jar, String... more) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "check",
                "--qemu-args",
                example("plain-one-vf", "qemu.args"),
                "--host",
                example("plain-one-vf", "host.json")));
    words.addAll(List.of(more));
    return with(jar, words.toArray(String[]::new));
  }

  private static CommandLineRun with(Path jar, String... words) throws IOException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      return CommandLineRun.of(words);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static JsonNode read(CommandLineRun run) throws IOException {
    return new ObjectMapper().readTree(run.out());
  }

  @Test
  void whatASetSaysStandsBesideTheAnswer() throws Exception {
    Path jar = new HostileJar(folder).ruleSet("Says", Map.of());
    CommandLineRun told = check(jar, "--advice", "house-rules,lint", "--format", "json");
    CommandLineRun alone = check(jar, "--format", "json");

    assertThat(told.err()).isEmpty();
    assertThat(told.exitCode()).isZero();
    JsonNode answer = read(told);
    assertThat(answer.get("findings")).hasSize(2);
    JsonNode finding = answer.get("findings").get(0);
    assertThat(finding.get("rule-set").textValue()).isEqualTo("house-rules");
    assertThat(finding.get("code").textValue()).isEqualTo("NO_FRIDAYS");
    assertThat(finding.get("device").textValue()).isEqualTo("0000:01:00.0");
    assertThat(finding.has("page")).isFalse();
    assertThat(answer.get("findings").get(1).get("code").textValue())
        .isEqualTo("MACHINE_TYPE_UNVERSIONED");
    ((ObjectNode) answer).remove("findings");
    assertThat(answer).isEqualTo(read(alone));
    assertThat(check(jar, "--advice", "house-rules").out())
        .contains(
            """

            Worth changing; the answer does not depend on it
              - NO_FRIDAYS (warning of house-rules), device 0000:01:00.0 (gpu0)
                Not on Fridays.
            """);
  }

  /** A change is told only after the model has played it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "enable-migration\", \"off", // the VM would be blocked
        "x-no-mmap\", \"on", // it changes nothing about the finding
        "no-such-property\", \"on", // QEMU would not start
      })
  void aChangeThatDoesNotHelpIsLeftOut(String set) throws Exception {
    Path jar = new HostileJar(folder).ruleSet("Proposes", Map.of("VM", proposal(set)));
    JsonNode answer = read(check(jar, "--advice", "house-rules", "--format", "json"));

    JsonNode finding = answer.get("findings").get(1);
    assertThat(finding.get("code").textValue()).isEqualTo("OURS");
    assertThat(finding.get("changes")).isEmpty();
    assertThat(finding.has("command")).isFalse();
  }

  @Test
  void aChangeThatHelpsIsToldWithItsOption() throws Exception {
    Path jar =
        new HostileJar(folder).ruleSet("Helps", Map.of("VM", proposal("enable-migration\", \"on")));
    JsonNode answer = read(check(jar, "--advice", "house-rules", "--format", "json"));

    JsonNode finding = answer.get("findings").get(1);
    assertThat(finding.get("command").textValue()).isEqualTo("--set gpu0.enable-migration=on");
    assertThat(finding.get("changes").get(0).get("target").textValue()).isEqualTo("gpu0");
  }

  /** A finding that is there until enable-migration is on or off. */
  private static String proposal(String set) {
    return "if (vm.setting(vm.vfioConfigs().get(0), \"enable-migration\").isEmpty()) return"
        + " List.of(new VmRule.Found(Optional.empty(), new Finding(\"OURS\","
        + " FindingLevel.NOTE, \"\", \"\", List.of(), List.of(new RemedyChange.Set(\"gpu0\","
        + " \""
        + set
        + "\")))));";
  }

  @Test
  void aSetThatThrowsIsAProblemAndTheAnswerStands() throws Exception {
    Path jar =
        new HostileJar(folder)
            .ruleSet("Throws", Map.of("VM", "if (true) throw new IllegalStateException(\"no\");"));
    CommandLineRun run = check(jar, "--advice", "house-rules");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).isEqualTo(check(jar).out());
    assertThat(run.err())
        .isEqualTo(
            "stopcopy: rule set 'house-rules' failed and its advice is left out:"
                + " IllegalStateException: no\n");
  }

  @Test
  void anUnknownSetIsAnErrorThatListsTheKnown() throws Exception {
    Path jar = new HostileJar(folder).ruleSet("Unasked", Map.of());
    CommandLineRun run = check(jar, "--advice", "theirs");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("stopcopy: no rule set is named 'theirs', expected one of ")
        .contains("qemu")
        .contains("lint")
        .contains("house-rules");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--quiet", "--qemu-version=8.2,10.0", "--format=condition"})
  void whatHasNoPlaceForItIsRefused(String option) {
    CommandLineRun run =
        CommandLineRun.of(
            "check", "--qemu-args", example("plain-one-vf", "qemu.args"), "--lint", option);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("stopcopy: --lint is given with ");
  }

  /** The answer is about the plugin's device then, which nobody would guess. */
  @Test
  void aPluginThatTakesTheNameOfADeviceOfQemuIsTold() throws Exception {
    Path jar = new HostileJar(folder).deviceType("Takes", "virtio-balloon-pci");
    Path args =
        Files.writeString(
            folder.resolve("vm.args"),
            "qemu-system-x86_64 -machine q35 -m 2G -device virtio-balloon-pci,host=01:00.0");
    CommandLineRun run = with(jar, "check", "--qemu-args", args.toString(), "--format", "json");

    assertThat(read(run).get("warnings").toString())
        .contains(
            "QEMU has a device virtio-balloon-pci of its own, and the plugin com.example.Takes from"
                + " "
                + jar
                + " stands in for it");
    assertThat(CommandLineRun.of("check", "--qemu-args", args.toString(), "--format", "json").out())
        .doesNotContain("stands in for it");
  }
}
