package io.github.stopcopy.cli;

import static io.github.stopcopy.cli.CommandLineRun.example;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.stopcopy.cli.patch.AppliedDiff;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code stopcopy what-if}. */
class WhatIfCommandTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final Path DOMAINS = Path.of("..", "qemu", "src", "test", "resources");

  private static final String[] BIG = {
    "what-if",
    "--qemu-args",
    example("big-q35-intel-viommu", "qemu.args"),
    "--host",
    example("big-q35-intel-viommu", "host.json")
  };

  private static CommandLineRun big(String... more) {
    List<String> all = new ArrayList<>(List.of(BIG));
    all.addAll(List.of(more));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  @Test
  void theBigVmHasFourWays() throws Exception {
    CommandLineRun run = big("--qemu-version", "11.1");

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .isEqualTo(Files.readString(Path.of("src/test/resources/what-if/big-q35.txt")));
  }

  @Test
  void jsonIsAsItsSchemaSays() throws Exception {
    JsonNode json = JSON.readTree(big("--qemu-version", "11.1", "--format", "json").out());

    assertThat(json.get("verdict").textValue()).isEqualTo("blocked");
    assertThat(json.get("goal").textValue()).isEqualTo("migratable");
    assertThat(json.get("proposals")).hasSize(4);
    assertThat(json.at("/proposals/0/needs/0").textValue()).isEqualTo("unplug");
    assertThat(json.at("/proposals/3/changes/0/property").textValue())
        .isEqualTo("enable-migration");
    assertThat(json.at("/tried/complete").booleanValue()).isTrue();
  }

  /** The printed options give the printed answer. */
  @Test
  void whatIsToBeTriedHolds() throws Exception {
    int tried = 0;
    for (String goal : List.of("migratable", "conditional", "fewer-bytes")) {
      JsonNode json = JSON.readTree(big("--goal", goal, "--format", "json").out());
      for (JsonNode proposal : json.get("proposals")) {
        if (proposal.has("command")) {
          List<String> words = new ArrayList<>(List.of(BIG));
          words.set(0, "check");
          words.addAll(List.of(proposal.get("command").textValue().split(" ")));
          words.addAll(List.of("--quiet", "--format", "json"));
          JsonNode then = JSON.readTree(CommandLineRun.of(words.toArray(String[]::new)).out());
          assertThat(then.get("verdict")).as("%s", proposal).isEqualTo(proposal.get("then"));
          tried++;
        }
      }
    }
    assertThat(tried).isGreaterThan(5);
  }

  /** Every patch of every domain applies, and what it makes has the answer that was told. */
  @Test
  void everyDiffAppliesAndGivesTheAnswer(@TempDir Path folder) throws Exception {
    List<Path> files = new ArrayList<>();
    for (String set : List.of("libvirt", "libvirt-documented")) {
      try (Stream<Path> all = Files.list(DOMAINS.resolve(set))) {
        all.filter(file -> file.toString().endsWith(".xml")).sorted().forEach(files::add);
      }
    }
    int diffs = 0;
    for (Path file : files) {
      CommandLineRun run =
          CommandLineRun.of(
              "what-if", "--libvirt", file.toString(), "--goal", "conditional", "--format", "json");
      if (run.exitCode() > 1) {
        continue; // what check refuses too
      }
      JsonNode json = JSON.readTree(run.out());
      List<JsonNode> proposals = new ArrayList<>();
      json.get("proposals").forEach(proposals::add);
      json.get("closest").forEach(proposals::add);
      for (JsonNode proposal : proposals) {
        if (!proposal.has("diff")) {
          continue;
        }
        Path patched = folder.resolve("patched.xml");
        Files.writeString(
            patched, AppliedDiff.of(Files.readString(file), proposal.get("diff").textValue()));
        List<String> words =
            new ArrayList<>(
                List.of("check", "--libvirt", patched.toString(), "--quiet", "--format", "json"));
        boolean isHostChanged = false;
        for (JsonNode change : proposal.get("changes")) {
          if (change.has("profile")) {
            words.addAll(List.of("--qemu-version", change.get("profile").textValue()));
          }
          isHostChanged |= change.path("target").asText().equals("host");
        }
        if (!isHostChanged) {
          JsonNode then = JSON.readTree(CommandLineRun.of(words.toArray(String[]::new)).out());
          assertThat(then.get("verdict"))
              .as("%s: %s", file, proposal)
              .isEqualTo(proposal.get("then"));
        }
        diffs++;
      }
    }
    assertThat(diffs).isGreaterThan(30);
  }

  @Test
  void theReadmeShowsWhatIsPrinted() throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"));
    String command = "what-if --libvirt examples/libvirt-domain/domain.xml --goal conditional";
    String shown = readme.substring(readme.indexOf(command) + command.length() + 1);
    String out =
        CommandLineRun.of(
                "what-if",
                "--libvirt",
                example("libvirt-domain", "domain.xml"),
                "--goal",
                "conditional")
            .out();

    for (String part : shown.substring(0, shown.indexOf("```")).split("(?m)^\\.\\.\\.\\n")) {
      assertThat(out).contains(part);
    }
  }

  @Test
  void badUseIsSaid() {
    assertThat(big("--goal", "faster").err())
        .isEqualTo(
            "stopcopy: --goal is 'faster', expected migratable, conditional or fewer-bytes\n");
    assertThat(big("--qemu-version", "8.2,10.0").exitCode()).isEqualTo(2);
    assertThat(big("--format", "condition").exitCode()).isEqualTo(2);
    assertThat(CommandLineRun.of("what-if").exitCode()).isEqualTo(2);
  }
}
