package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The example for Spark, built by a stranger; only where Spark was asked for, which is large. */
class FleetSparkTest {

  @Test
  void itCompilesAndItsTestsPass() throws Exception {
    if (!Stranger.hasSpark()) {
      System.out.println("skipped: examples/fleet-spark, -Dstopcopy.spark builds it");
    }
    assumeTrue(Stranger.hasSpark(), "-Dstopcopy.spark is not set");
    Path project = Stranger.built("fleet-spark");

    assertThat(project.resolve("target/surefire-reports/com.example.fleet.FleetVerdictsTest.txt"))
        .content()
        .containsPattern("Tests run: [1-9][0-9]*, Failures: 0, Errors: 0, Skipped: 0");
  }
}
