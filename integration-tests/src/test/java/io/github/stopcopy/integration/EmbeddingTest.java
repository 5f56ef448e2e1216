package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The check inside programs that migrate VMs: built by a stranger on types of theirs from Maven
 * Central.
 */
@Order(2)
class EmbeddingTest {

  @ParameterizedTest
  @CsvSource({
    "ovirt, com.example.ovirt.VfioMigrationValidatorTest",
    "cloudstack, com.example.cloudstack.VfioMigrationCheckTest"
  })
  void itCompilesAndItsTestsPass(String example, String test) throws Exception {
    Path project = Stranger.built(example);

    assertThat(project.resolve("target/surefire-reports/" + test + ".txt"))
        .content()
        .containsPattern("Tests run: [1-9][0-9]*, Failures: 0, Errors: 0, Skipped: 0");
  }
}
