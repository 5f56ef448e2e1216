package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.add;
import static io.github.stopcopy.migration.TestVm.guest;
import static io.github.stopcopy.migration.TestVm.hold;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.snapshot;
import static io.github.stopcopy.migration.TestVm.vfio;
import static io.github.stopcopy.migration.TestVm.withPorts;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import java.lang.reflect.RecordComponent;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A verdict can be kept, compared and handed on: nothing in it is alive. */
class VerdictValueTest {

  private static final Set<Class<?>> PLAIN =
      Set.of(
          String.class,
          Integer.class,
          Long.class,
          Boolean.class,
          BigInteger.class,
          OptionalInt.class);

  /** Translates midway, so that all kinds of events are there, and shows its memory before. */
  private static Scenario scenarioWithEverything() throws Exception {
    return scenario(
        SEED,
        withPorts(vfio(A, "bus=rp1", "x-migration-iommu-pt=on")),
        HostFacts.CAPABLE,
        snapshot(),
        add(vfio(TestVm.B, "bus=rp2", "x-migration-iommu-pt=on")),
        hold(),
        guest(ViommuOperation.ENABLE));
  }

  private static MigrationCheck check() throws Exception {
    return MigrationCheck.of(scenarioWithEverything())
        .plugins(TestVm.plugins())
        .ruleSets(RuleSets.of(List.of()))
        .trackingCosts(true);
  }

  @Test
  void itHoldsRecordsAndPlainValuesOnly() throws Exception {
    Verdict verdict = check().decide();
    List<String> alive = new ArrayList<>();
    look(verdict, "verdict", alive);

    assertThat(alive).isEmpty();
    assertThat(verdict.steps().get(1).memory()).isNotEmpty();
    assertThat(verdict.costs()).isNotEmpty();
    assertThat(verdict.reasons()).isNotEmpty();
    assertThat(verdict.tracking()).isNotEmpty();
  }

  private static void look(Object value, String where, List<String> alive) throws Exception {
    if (value instanceof Optional<?> optional) {
      if (optional.isPresent()) {
        look(optional.get(), where, alive);
      }
    } else if (value instanceof Collection<?> collection) {
      for (Object element : collection) {
        look(element, where, alive);
      }
    } else if (value instanceof Map<?, ?> map) {
      look(map.keySet(), where, alive);
      look(map.values(), where, alive);
    } else if (value instanceof Record) {
      for (RecordComponent component : value.getClass().getRecordComponents()) {
        component.getAccessor().setAccessible(true);
        String inside = value.getClass().getSimpleName() + "." + component.getName();
        look(component.getAccessor().invoke(value), inside, alive);
      }
    } else if (!(value instanceof Enum) && !PLAIN.contains(value.getClass())) {
      alive.add(where + " holds a " + value.getClass().getName());
    }
  }

  @Test
  void theSameQuestionHasAnEqualAnswer() throws Exception {
    assertThat(check().decide()).isEqualTo(check().decide());
  }

  @Test
  void whoWantsThePlayedVmGetsItWithTheSameVerdict() throws Exception {
    Played played = check().play();

    assertThat(played.verdict()).isEqualTo(check().decide());
    assertThat(played.story().answers()).isEqualTo(played.verdict().steps());
    assertThat(played.story().vm().vfioDevices()).hasSize(2);
  }

  @Test
  void pluginsLoadedOnceServeManyThreads() throws Exception {
    Verdict alone = check().decide();
    Plugins plugins = TestVm.plugins();
    RuleSets rules = RuleSets.of(List.of());
    Scenario scenario = scenarioWithEverything();
    Callable<Verdict> question =
        () ->
            MigrationCheck.of(scenario)
                .plugins(plugins)
                .ruleSets(rules)
                .trackingCosts(true)
                .decide();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Verdict>> answers = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        answers.add(threads.submit(question));
      }
      for (Future<Verdict> answer : answers) {
        assertThat(answer.get()).isEqualTo(alone);
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
