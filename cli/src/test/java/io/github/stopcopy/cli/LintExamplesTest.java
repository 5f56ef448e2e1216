package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.stopcopy.cli.explain.Example;
import io.github.stopcopy.migration.lint.LintCode;
import io.github.stopcopy.migration.reason.ReasonCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each rule of the linter finds something in its wrong example and nothing in its right one. */
class LintExamplesTest {

  @TempDir private Path folder;

  private CommandLineRun play(Example example, String... more) throws IOException {
    for (Map.Entry<String, List<String>> file : example.files().entrySet()) {
      Files.write(folder.resolve(file.getKey()), file.getValue());
    }
    List<String> words = new ArrayList<>();
    for (String word : example.command().split(" ")) {
      words.add(example.files().containsKey(word) ? folder.resolve(word).toString() : word);
    }
    words.addAll(List.of("--format", "json"));
    words.addAll(List.of(more));
    CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));
    assertThat(run.err()).isEmpty();
    return run;
  }

  private static JsonNode read(CommandLineRun run) throws IOException {
    return new ObjectMapper().readTree(run.out());
  }

  private static Optional<JsonNode> found(JsonNode answer, LintCode code) {
    for (JsonNode finding : answer.path("findings")) {
      if (finding.get("code").textValue().equals(code.name())) {
        return Optional.of(finding);
      }
    }
    return Optional.empty();
  }

  @ParameterizedTest
  @EnumSource
  void wrongIsFoundAndRightIsNot(LintCode code) throws Exception {
    Example.Pair examples = Example.of(code);

    JsonNode wrong = read(play(examples.wrong()));
    assertThat(wrong.get("verdict").textValue()).isEqualTo(examples.wrong().verdict());
    assertThat(found(wrong, code)).as("%s", wrong).isPresent();
    JsonNode finding = found(wrong, code).orElseThrow();
    assertThat(finding.get("level").textValue()).isEqualTo(code.level().word());
    assertThat(finding.get("explanation").textValue()).endsWith(code.advice()).doesNotContain("{");
    assertThat(finding.get("page").textValue()).isEqualTo("docs/lint/" + code + ".md");

    JsonNode right = read(play(examples.right()));
    assertThat(right.get("verdict").textValue()).isEqualTo(examples.right().verdict());
    assertThat(found(right, code)).as("%s", right).isEmpty();
  }

  /** Where one setting is to blame, the one that is better is told. */
  @ParameterizedTest
  @CsvSource({
    "CACHING_MODE_OFF, --set iommu0.caching-mode=on",
    "VIOMMU_NARROWER_THAN_MEMORY, --set iommu0.aw-bits=48",
    "VIOMMU_WIDER_THAN_HOST, --set iommu0.aw-bits=39",
    "PASSTHROUGH_OPTION_ON_SOME, --set vf1.x-migration-iommu-pt=on",
    "DEVICE_LOG_OFF, --set vf0.x-device-dirty-page-tracking=on",
    "NOBODY_TRACKS, --set vf0.x-device-dirty-page-tracking=on",
    "PRE_COPY_TRACKING_OFF, --set vf0.x-pre-copy-dirty-page-tracking=on",
    "BARS_NOT_MAPPED, --set vf0.x-no-mmap=off",
    "MULTIFD_TRANSFER_FORCED, --set vf0.x-migration-multifd-transfer=auto",
    "IOMMUFD_ON_SOME, --set vf1.iommufd=iommufd0",
  })
  void theBetterSettingIsTold(LintCode code, String command) throws Exception {
    JsonNode finding = found(read(play(Example.of(code).wrong())), code).orElseThrow();

    assertThat(finding.get("command").textValue()).isEqualTo(command);
  }

  /** A vIOMMU in front would block the VM that migrates now, so that is not told as a change. */
  @Test
  void aChangeThatMakesTheAnswerWorseIsNotTold() throws Exception {
    LintCode code = LintCode.VIOMMU_AFTER_DEVICE;
    JsonNode finding = found(read(play(Example.of(code).wrong())), code).orElseThrow();

    assertThat(finding.get("changes")).isEmpty();
  }

  /** What is told to change does what it says, as options that a user can give. */
  @ParameterizedTest
  @EnumSource
  void theOptionsThatAreToldMakeTheFindingGoAway(LintCode code) throws Exception {
    Example example = Example.of(code).wrong();
    JsonNode finding = found(read(play(example)), code).orElseThrow();
    if (finding.has("command")) {
      JsonNode after = read(play(example, finding.get("command").textValue().split(" ")));

      assertThat(found(after, code)).as("%s", after).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void theAnswerAndTheExitCodeAreThoseWithoutTheLinter(LintCode code) throws Exception {
    Example example = Example.of(code).wrong();
    CommandLineRun with = play(example);
    CommandLineRun without =
        play(
            new Example(
                example.verdict(), example.files(), example.command().replace(" --lint", "")));

    JsonNode answer = read(with);
    assertThat(answer.has("findings")).isTrue();
    ((ObjectNode) answer).remove("findings");
    assertThat(answer).isEqualTo(read(without));
    assertThat(with.exitCode()).isEqualTo(without.exitCode());
  }

  @Test
  void noCodeIsThatOfAReason() {
    assertThat(Arrays.stream(LintCode.values()).map(LintCode::name))
        .noneMatch(name -> ReasonCode.named(name).isPresent());
  }
}
