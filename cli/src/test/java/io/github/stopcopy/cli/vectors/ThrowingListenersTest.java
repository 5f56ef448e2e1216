package io.github.stopcopy.cli.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.cli.input.Scenarios;
import io.github.stopcopy.cli.samples.ThrowingListener;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.json.VerdictJson;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.vm.ListenerRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A listener that throws, at whatever it is told, changes no byte of what QEMU is said to do. */
class ThrowingListenersTest {

  private static final List<String> CALLBACKS =
      List.of(
          "begin",
          "commit",
          "regionAdd",
          "regionDel",
          "regionNop",
          "logStart",
          "logStop",
          "logSync",
          "logGlobalStart",
          "logGlobalStop");

  @Test
  void noByteOfAnyRecordedAnswerChanges() throws Exception {
    Plugins plugins = Plugins.load().withMemoryListeners(List.of(new ThrowingListener()));
    RuleSets rules = RuleSets.load();
    Set<String> thrownAt = new HashSet<>();
    for (Vector vector : Vector.recorded()) {
      Scenario scenario = Scenarios.read("vectors", 1, vector.line()).scenario();
      String without = VerdictJson.answer(scenario.id(), check(scenario, plugins, rules).decide());
      MigrationCheck check = check(scenario, plugins, rules);
      check.listener(ListenerRequest.of("throwing")); // at the first it is told
      for (String callback : CALLBACKS) {
        check.listener(new ListenerRequest("throwing", Map.of("at", callback)));
      }
      Verdict verdict = check.decide();

      assertThat(VerdictJson.answer(scenario.id(), verdict)).as(vector.id()).isEqualTo(without);
      assertThat(verdict.problems())
          .hasSize(CALLBACKS.size() + 1)
          .allMatch(line -> line.startsWith("memory listener throwing failed and is left out: "));
      verdict.problems().forEach(line -> thrownAt.add(line.replaceAll(".*: ", "")));
    }
    assertThat(thrownAt).containsAll(CALLBACKS).contains("report");
  }

  private static MigrationCheck check(Scenario scenario, Plugins plugins, RuleSets rules) {
    return MigrationCheck.of(scenario).plugins(plugins).ruleSets(rules).remedies(false);
  }
}
