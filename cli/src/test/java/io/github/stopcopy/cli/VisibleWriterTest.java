package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way out of the command: what goes through, and what is known of what did not. */
class VisibleWriterTest {

  @Test
  void endsOfLinesGoThroughAndNoOtherControlCharacter() {
    StringWriter printed = new StringWriter();
    PrintWriter out = new PrintWriter(new VisibleWriter(printed));
    out.print("one\ntwo\u001b[2J\u009b\r\u0007\u202e\n");
    out.print(new char[] {'\u001b', 'x'});
    out.flush();
    assertThat(printed.toString())
        .isEqualTo("one\ntwo\\u001b[2J\\u009b\\u000d\\u0007\\u202e\n\\u001bx");
  }

  @Test
  void whoeverMeansItGetsBackToTheBeginningOfALine() {
    StringWriter printed = new StringWriter();
    VisibleWriter visible = new VisibleWriter(printed);
    VisiblePrinter out = new VisiblePrinter(visible, false);
    out.print("one\r");
    out.restartLine();
    out.print("two");
    assertThat(printed.toString()).isEqualTo("one\\u000d\rtwo");
  }

  @Test
  void aPairMayComeInTwoParts() throws IOException {
    StringWriter printed = new StringWriter();
    VisibleWriter out = new VisibleWriter(printed);
    out.write('\uD83D');
    out.write("\uDE80\uD83D");
    out.write('a');
    out.write('\uD83D');
    out.close();
    assertThat(printed.toString()).isEqualTo("\uD83D\uDE80\\ud83da\\ud83d");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8191, 8192, 8193, 100_000})
  void longTextsAreWhole(int length) {
    StringWriter printed = new StringWriter();
    PrintWriter out = new PrintWriter(new VisibleWriter(printed));
    String text = "\u001bé".repeat(length);
    out.print(text);
    out.print(text.toCharArray());
    assertThat(printed.toString()).isEqualTo("\\u001bé".repeat(2 * length));
  }

  /** A disk with so much room. */
  private static final class Disk extends Writer {
    private final String full;
    private final StringBuilder written = new StringBuilder();
    private int room;

    Disk(int room, String full) {
      this.room = room;
      this.full = full;
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
      if (length > room) {
        throw new IOException(full);
      }
      room -= length;
      written.append(text, offset, length);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void nothingFollowsWhatCouldNotBeWritten() {
    Disk disk = new Disk(5, "No space left on device");
    VisibleWriter out = new VisibleWriter(disk);
    PrintWriter printer = new PrintWriter(out);
    printer.print("abc");
    assertThat(out.failure()).isEmpty();
    printer.print("defg");
    printer.print("h");
    assertThat(disk.written.toString()).isEqualTo("abc");
    assertThat(out.failure()).contains("No space left on device");
    assertThat(out.isReaderGone()).isFalse();
    assertThat(printer.checkError()).isTrue();
  }

  @Test
  void anAnswerThatIsLostIsNone() {
    StringWriter err = new StringWriter();
    int code =
        StopcopyCommand.run(
            CommandLineRun.watchdog(),
            new VisibleWriter(new Disk(10, "No space left on device")),
            new VisibleWriter(err),
            "plugins");
    assertThat(code).isEqualTo(ExitCode.INTERNAL);
    assertThat(err.toString())
        .isEqualTo("stopcopy: the answer could not be written: No space left on device\n");
  }

  /** As {@code head} does: it has all that it wants, so nothing is told. */
  @Test
  void aReaderThatStopsIsNoError() {
    StringWriter err = new StringWriter();
    int code =
        StopcopyCommand.run(
            CommandLineRun.watchdog(),
            new VisibleWriter(new Disk(10, "Broken pipe")),
            new VisibleWriter(err),
            "plugins");
    assertThat(code).isEqualTo(ExitCode.DONE);
    assertThat(err.toString()).isEmpty();
  }
}
