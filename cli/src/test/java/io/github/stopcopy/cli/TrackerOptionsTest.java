package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.migration.TrackerRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** How {@code --tracker} is read. */
class TrackerOptionsTest {

  private static List<TrackerRequest> read(String... args) throws InputException {
    TrackerOptions options = new TrackerOptions();
    CommandSpec spec = CommandSpec.create();
    options.addTo(spec);
    new CommandLine(spec).parseArgs(args);
    return options.requests(Plugins.load());
  }

  @Test
  void withoutTheOptionNothingIsAskedFor() throws Exception {
    assertThat(read()).isEmpty();
  }

  @Test
  void aNameIsForEveryDevice() throws Exception {
    assertThat(read("--tracker", "mlx5")).containsExactly(TrackerRequest.forAll("mlx5"));
  }

  @Test
  void devicesAndParametersAreKeptInOrder() throws Exception {
    assertThat(read("--tracker", "pds", "--tracker=0000:3b:00.2=mlx5,page-size=64K,note=a=b,x="))
        .containsExactly(
            TrackerRequest.forAll("pds"),
            new TrackerRequest(
                Optional.of("0000:3b:00.2"),
                "mlx5",
                Map.of("page-size", "64K", "note", "a=b", "x", "")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|names no tracker",
        "vf0=|names no tracker",
        ",a=b|names no tracker",
        "=mlx5|has no device before the '='",
        "a=b=c|has more than one '=' before the first parameter",
        "mlx5,|has '' where a parameter should be",
        "mlx5,64K|has '64K' where a parameter should be",
        "mlx5,=64K|has '=64K' where a parameter should be",
        "mlx5,a=1,a=2|sets 'a' twice"
      })
  void badSyntaxSaysWhatIsWrongAndWhatIsExpected(String text, String what) {
    assertThatThrownBy(() -> read("--tracker", text))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "--tracker '" + text + "' " + what + ", expected [DEVICE=]NAME[,PARAMETER=VALUE...]");
  }

  @Test
  void aTrackerThatIsNotThereIsRefusedWithThoseThatAre() {
    assertThatThrownBy(() -> read("--tracker", "vf0=abacus"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("no dirty tracker is named 'abacus', expected one of ")
        .hasMessageContaining("mlx5");
  }
}
