package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands say of themselves and of words that they do not understand. */
class UsageTest {

  private static String usage(String command) throws IOException {
    try (InputStream in = UsageTest.class.getResourceAsStream("/usage/" + command + ".txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "check", "run", "what-if", "fleet", "host", "watch", "explain", "verify", "plugins"
      })
  void helpIsAboutOneCommand(String command) throws Exception {
    for (String help : new String[] {"--help", "-h"}) {
      CommandLineRun run = CommandLineRun.command(command, help);
      assertThat(run.exitCode()).isZero();
      assertThat(run.out()).isEqualTo(usage(command));
      assertThat(run.err()).isEmpty();
    }
  }

  @Test
  void helpWithoutACommandNamesAll() throws Exception {
    CommandLineRun run = CommandLineRun.command("--help");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).isEqualTo(usage("stopcopy"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "run|Missing required parameter: 'FILE'",
        "run a b|Unmatched argument at index 2: 'b'",
        "verify|Missing required option: '--qemu=PATH'",
        "verify --qemu x --jobs y|Invalid value for option '--jobs': 'y' is not an int",
        "watch|Missing required option: '--qmp=SOCKET'",
        "watch --qmp x --pid y|Invalid value for option '--pid': 'y' is not a long",
        "check --strict --strict|option '--strict' should be specified only once",
        "check --qemu-args|Missing required parameter for option '--qemu-args' (FILE)",
        "check --strict=x|Invalid value for option '--strict': 'x' is not a boolean",
        "check x|Unmatched argument at index 1: 'x'",
        "explain a b|Unmatched argument at index 2: 'b'",
        "--|Missing required subcommand",
      })
  void whatIsNotUnderstoodIsOneError(String words, String message) throws Exception {
    CommandLineRun run = CommandLineRun.command(words.split(" "));
    assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("stopcopy: " + message).hasLineCount(1);
  }
}
