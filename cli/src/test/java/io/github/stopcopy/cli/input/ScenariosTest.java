package io.github.stopcopy.cli.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScenariosTest {

  private static final int MORE_THAN_ARE_REMEMBERED = 20;

  private final Scenarios many = new Scenarios();

  @Test
  void everyScenarioHasTheMemoryOfItsOwnDump() throws InputException {
    for (int round = 0; round < 2; round++) {
      for (int mib = 1; mib <= MORE_THAN_ARE_REMEMBERED; mib++) {
        String line = line(mib, "");
        List<PlacedRegion> seen = seen(many.next("file", 1, line).scenario());

        assertThat(seen).hasSize(1);
        assertThat(seen.get(0).range().size().lowBits()).isEqualTo((long) mib << 20);
        assertThat(seen).isEqualTo(seen(Scenarios.read("file", 1, line).scenario()));
      }
    }
  }

  @Test
  void aDumpThatWasReadLatelyIsNotReadAgain() throws InputException {
    List<PlacedRegion> first = seen(many.next("file", 1, line(1, "")).scenario());
    many.next("file", 2, line(2, ""));

    assertThat(seen(many.next("file", 3, line(1, "")).scenario())).isSameAs(first);
  }

  @Test
  void whatIsWrongWithADumpIsToldEachTime() {
    for (int line = 1; line <= 2; line++) {
      String broken = line(1, "no row\\n");
      int number = line;
      assertThatThrownBy(() -> many.next("file", number, broken))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("file:" + line + ": mtree line 4: 'no row'");
    }
  }

  private static String line(int mib, String more) {
    String row = String.format("  %016x-%016x (prio 0, ram): pc.ram", 0, ((long) mib << 20) - 1);
    return "{\"profile\":\"10.2\",\"argv\":[\"-machine\",\"q35\"],\"mtree\":\"FlatView #0\\n"
        + " AS \\\"memory\\\", root: system\\n Root memory region: system\\n"
        + more
        + row
        + "\\n\"}";
  }

  private static List<PlacedRegion> seen(Scenario scenario) {
    Result<MemoryPlan> plan =
        scenario.vm().memory().plan(scenario.vm(), scenario.profile(), scenario.host());
    return ((Result.Ok<MemoryPlan>) plan).value().afterFirmware().orElseThrow();
  }
}
