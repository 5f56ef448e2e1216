package io.github.stopcopy.cli;

/** The command for tests of other packages. */
public final class TestCommand {

  private TestCommand() {}

  /**
   * What the command did.
   *
   * @param exitCode its exit code
   * @param out what it printed
   * @param err what it told beside that
   */
  public record Answer(int exitCode, String out, String err) {}

  /** Runs the command inside this JVM. */
  public static Answer run(String... args) {
    CommandLineRun run = CommandLineRun.of(args);
    return new Answer(run.exitCode(), run.out(), run.err());
  }
}
