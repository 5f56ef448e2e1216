package io.github.stopcopy.core.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The predicates on the status of a migration (R-MIG-1 .. R-MIG-4), status by status. */
class MigrationStatusTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      useHeadersInDisplayName = true,
      textBlock =
          """
          status                 | active | setup-or-active | running 8.1 | running 10.2 | idle
          none                   | no     | no              | no          | no           | yes
          setup                  | no     | yes             | yes         | yes          | no
          postcopy-device        | no     | no              | yes         | yes          | no
          postcopy-recover-setup | no     | no              | yes         | yes          | no
          cancelling             | no     | no              | yes         | yes          | no
          cancelled              | no     | no              | no          | no           | yes
          active                 | yes    | yes             | yes         | yes          | no
          postcopy-active        | yes    | yes             | yes         | yes          | no
          postcopy-paused        | no     | yes             | yes         | yes          | no
          postcopy-recover       | no     | yes             | yes         | yes          | no
          completed              | no     | no              | no          | no           | yes
          failing                | no     | no              | no          | no           | no
          failed                 | no     | no              | no          | no           | yes
          colo                   | no     | yes             | no          | yes          | no
          pre-switchover         | no     | yes             | yes         | yes          | no
          device                 | no     | yes             | yes         | yes          | no
          wait-unplug            | no     | yes             | yes         | yes          | no
          """)
  void R_MIG_1_to_4_predicates(
      String name,
      String active,
      String setupOrActive,
      String running81,
      String running102,
      String idle) {
    MigrationStatus status =
        Arrays.stream(MigrationStatus.values())
            .filter(candidate -> candidate.qapiName().equals(name))
            .findFirst()
            .orElseThrow();
    assertThat(status.isActive()).as("R-MIG-1").isEqualTo(active.equals("yes"));
    assertThat(status.isSetupOrActive()).as("R-MIG-2").isEqualTo(setupOrActive.equals("yes"));
    assertThat(status.isRunning(false)).as("R-MIG-3, S").isEqualTo(running81.equals("yes"));
    assertThat(status.isRunning(true)).as("R-MIG-3, 10.2").isEqualTo(running102.equals("yes"));
    assertThat(status.isIdle()).as("R-MIG-4").isEqualTo(idle.equals("yes"));
  }

  @Test
  void theTableAboveKnowsEveryStatus() {
    assertThat(MigrationStatus.values()).hasSize(17);
    assertThat(Arrays.stream(MigrationStatus.values()).map(MigrationStatus::qapiName))
        .doesNotHaveDuplicates();
  }
}
