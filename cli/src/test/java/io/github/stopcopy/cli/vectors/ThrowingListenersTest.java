package io.github.stopcopy.cli.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.cli.json.AnswerWriter;
import io.github.stopcopy.cli.json.JsonReader;
import io.github.stopcopy.cli.samples.ThrowingListener;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.vm.ListenerRequest;
import java.util.ArrayList;
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
    AnswerWriter writer = new AnswerWriter();
    Set<String> thrownAt = new HashSet<>();
    for (Vector vector : Vector.recorded()) {
      Scenario scenario = new JsonReader().scenario(vector.line()).scenario();
      String without = writer.line(scenario.id(), check(scenario, plugins, rules).decide());
      List<Map<String, String>> parameters = new ArrayList<>(List.of(Map.of()));
      CALLBACKS.forEach(callback -> parameters.add(Map.of("at", callback)));
      for (Map<String, String> each : parameters) {
        Verdict verdict =
            check(scenario, plugins, rules).listener(new ListenerRequest("throwing", each)).decide();

        assertThat(writer.line(scenario.id(), verdict)).as(vector.id() + each).isEqualTo(without);
        assertThat(verdict.problems())
            .singleElement()
            .asString()
            .startsWith("memory listener throwing failed and is left out: ");
        thrownAt.add(verdict.problems().get(0).replaceAll(".*: ", ""));
      }
    }
    assertThat(thrownAt).containsAll(CALLBACKS).contains("report");
  }

  private static MigrationCheck check(Scenario scenario, Plugins plugins, RuleSets rules) {
    return MigrationCheck.of(scenario).plugins(plugins).ruleSets(rules).remedies(false);
  }
}
