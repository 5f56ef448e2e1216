package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.core.error.InputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever becomes of one scenario, the lines behind it are answered. */
class ScenarioBatchTest {

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int answer(String text, ScenarioBatch.Answering each) throws Exception {
    return answer(text, out, each);
  }

  private int answer(String text, Writer to, ScenarioBatch.Answering each) throws Exception {
    Path file = Files.writeString(folder.resolve("s.jsonl"), text);
    try (InputText input = InputText.open(file.toString())) {
      return new ScenarioBatch(input, new PrintWriter(to), new PrintWriter(err, true))
          .answerAll(each);
    }
  }

  private static int deep(int depth) {
    return depth == Integer.MIN_VALUE ? 0 : 1 + deep(depth + 1);
  }

  private void answerUnless(String bad, String text, Runnable failing) {
    if (text.equals(bad)) {
      failing.run();
    }
    out.write(text + "\n");
  }

  @Test
  void aStackThatOverflowsConcernsOneLine() throws Exception {
    int code = answer("a\nb\nc\n", text -> answerUnless("b", text, () -> deep(0)));

    assertThat(code).isEqualTo(ExitCode.INTERNAL);
    assertThat(out.toString()).isEqualTo("a\nc\n");
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .contains("s.jsonl:2: internal error, please report it", "StackOverflowError");
  }

  @Test
  void aScenarioThatTakesAllMemoryConcernsOneLine() throws Exception {
    int code =
        answer(
            "a\nb\nc\n",
            text ->
                answerUnless(
                    "b",
                    text,
                    () -> {
                      List<long[]> all = new ArrayList<>();
                      while (true) {
                        all.add(new long[Integer.MAX_VALUE]);
                      }
                    }));

    assertThat(code).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(out.toString()).isEqualTo("a\nc\n");
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .contains("s.jsonl:2: needs more memory than the ", " MiB", "-Xmx");
  }

  @Test
  void aBugIsToldWithItsLineAndOutweighsBadLines() throws Exception {
    int code =
        answer(
            "bad\nbug\nc\n",
            text -> {
              if (text.equals("bad")) {
                throw InputException.of("is bad, expected good");
              }
              answerUnless(
                  "bug",
                  text,
                  () -> {
                    throw new IllegalStateException("two\nlines\u001b[2J");
                  });
            });

    assertThat(code).isEqualTo(ExitCode.INTERNAL);
    assertThat(out.toString()).isEqualTo("c\n");
    assertThat(err.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).endsWith("s.jsonl:1: is bad, expected good"),
            line ->
                assertThat(line)
                    .contains("s.jsonl:2: internal error")
                    .endsWith("IllegalStateException: two lines\\u001b[2J"));
  }

  /** Nobody reads the third: neither it nor those behind it are played. */
  @Test
  void itStopsAtOnceWhenTheReaderDoes() throws Exception {
    List<String> played = new ArrayList<>();
    Writer reader =
        new Writer() {
          private int lines = 2;

          @Override
          public void write(char[] text, int offset, int length) throws IOException {
            if (lines-- == 0) {
              throw new IOException("Broken pipe");
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    PrintWriter printer = new PrintWriter(new VisibleWriter(reader));
    int code =
        answer(
            "line\n".repeat(1000),
            printer,
            text -> {
              played.add(text);
              printer.print(text + "\n");
            });

    assertThat(code).isEqualTo(ExitCode.DONE);
    assertThat(played).hasSize(3);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void noScenarioAtAllIsBadInput() {
    assertThatThrownBy(() -> answer("\n \n", text -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is empty");
  }
}
