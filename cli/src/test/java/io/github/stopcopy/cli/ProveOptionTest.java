package io.github.stopcopy.cli;

import static io.github.stopcopy.cli.CommandLineRun.example;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code check --prove} without a QEMU: what does not go together. */
class ProveOptionTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "--qemu /x | --qemu is given without --prove",
        "--prove --qemu /no/such | /no/such: no such program",
        "--prove --qemu-version 8.2,10.0 | with several releases",
        "--prove --format condition | with several releases or a format for others",
        "--prove --set smp.cpus=2 | with --set, --mode or --tracker",
        "--prove --mode postcopy | with --set, --mode or --tracker",
        "--prove --tracker mlx5 | with --set, --mode or --tracker"
      })
  void whatDoesNotGoTogetherIsTold(String options, String told) {
    List<String> words =
        new ArrayList<>(List.of("check", "--qemu-args", example("plain-one-vf", "qemu.args")));
    words.addAll(List.of(options.split(" ")));
    CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(told).hasLineCount(1);
  }
}
