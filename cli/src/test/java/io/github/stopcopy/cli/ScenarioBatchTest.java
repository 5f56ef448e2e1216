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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever becomes of one scenario, the lines behind it are answered. */
class ScenarioBatchTest {

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int answer(String text, ScenarioBatch.Answering<String> each) throws Exception {
    return answer(1, text, out, each);
  }

  private int answer(int threads, String text, Writer to, ScenarioBatch.Answering<String> each)
      throws Exception {
    Path file = Files.writeString(folder.resolve("s.jsonl"), text);
    return answerFile(threads, file, to, each);
  }

  private int answerFile(int threads, Path file, Writer to, ScenarioBatch.Answering<String> each)
      throws Exception {
    PrintWriter printer = new PrintWriter(to);
    try (InputText input = InputText.open(file.toString())) {
      return new ScenarioBatch<String>(threads, input, printer, new PrintWriter(err, true))
          .answerAll(() -> each, telling(printer));
    }
  }

  private static ScenarioBatch.Telling<String> telling(PrintWriter printer) {
    return new ScenarioBatch.Telling<>() {
      @Override
      public void note(String place, String note) {
        printer.print(place.substring(place.lastIndexOf('/') + 1) + note + "\n");
      }

      @Override
      public void tell(String answer) {
        printer.print(answer + "\n");
      }
    };
  }

  private static int deep(int depth) {
    return depth == Integer.MIN_VALUE ? 0 : 1 + deep(depth + 1);
  }

  private static String answerUnless(String bad, String text, Runnable failing) {
    if (text.equals(bad)) {
      failing.run();
    }
    return text;
  }

  @Test
  void aStackThatOverflowsConcernsOneLine() throws Exception {
    int code = answer("a\nb\nc\n", (text, line, notes) -> answerUnless("b", text, () -> deep(0)));

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
            (text, line, notes) ->
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
            (text, line, notes) -> {
              if (text.equals("bad")) {
                throw InputException.of("is bad, expected good");
              }
              return answerUnless(
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
    int code =
        answer(
            1,
            "line\n".repeat(1000),
            new VisibleWriter(reader),
            (text, line, notes) -> {
              played.add(text);
              return text;
            });

    assertThat(code).isEqualTo(ExitCode.DONE);
    assertThat(played).hasSize(3);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void noScenarioAtAllIsBadInput() {
    assertThatThrownBy(() -> answer("\n \n", (text, line, notes) -> text))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is empty");
  }

  /** The second is answered first, and told behind the first with its notes. */
  @Test
  void answersOfSeveralThreadsAreToldInTheOrderOfTheLines() throws Exception {
    CountDownLatch second = new CountDownLatch(1);
    int code =
        answer(
            2,
            "a\nb\nbad\nc\n",
            out,
            (text, line, notes) -> {
              notes.accept("note of " + text);
              switch (text) {
                case "a" -> await(second);
                case "b" -> second.countDown();
                case "bad" -> throw InputException.of("is bad, expected good");
                default -> {}
              }
              return text + line;
            });

    assertThat(code).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(out.toString().lines())
        .containsExactly(
            "s.jsonl:1: note of a",
            "a1",
            "s.jsonl:2: note of b",
            "b2",
            "s.jsonl:3: note of bad",
            "s.jsonl:4: note of c",
            "c4");
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .endsWith("s.jsonl:3: is bad, expected good");
  }

  /** As many as the threads are behind the first, which takes long, and no more. */
  @Test
  void onlyAFewAreUnderWay() throws Exception {
    CountDownLatch enough = new CountDownLatch(15);
    AtomicInteger most = new AtomicInteger();
    AtomicInteger begun = new AtomicInteger();
    answer(
        2,
        "line\n".repeat(100),
        out,
        (text, line, notes) -> {
          begun.incrementAndGet();
          if (line == 1) {
            await(enough);
            most.set(begun.get());
          }
          enough.countDown();
          return text;
        });

    assertThat(most.get()).isLessThanOrEqualTo(16);
    assertThat(out.toString().lines()).hasSize(100);
  }

  /** What others took is free again when it is answered alone. */
  @Test
  void whoFindsNoMemoryBesideOthersIsAnsweredAlone() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    int code =
        answer(
            2,
            "a\nb\nc\n",
            out,
            (text, line, notes) -> {
              notes.accept("note");
              if (text.equals("b") && asked.incrementAndGet() == 1) {
                throw new OutOfMemoryError("others have it");
              }
              return text;
            });

    assertThat(code).isEqualTo(ExitCode.DONE);
    assertThat(err.toString()).isEmpty();
    assertThat(out.toString().lines())
        .containsExactly("s.jsonl:1: note", "a", "s.jsonl:2: note", "b", "s.jsonl:3: note", "c");
  }

  /** An answer does not wait for the next line, and the end not for one that nobody wants. */
  @Test
  void whoAsksOneByOneGetsEachAnswerAtOnce() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    SynchronousQueue<String> answers = new SynchronousQueue<>();
    AtomicBoolean gone = new AtomicBoolean();
    Writer reader =
        new Writer() {
          @Override
          public void write(char[] text, int offset, int length) throws IOException {
            if (gone.get()) {
              throw new IOException("Broken pipe");
            }
            try {
              answers.put(new String(text, offset, length));
            } catch (InterruptedException ended) {
              throw new IOException(ended);
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    FutureTask<Integer> run =
        new FutureTask<>(() -> answerFile(2, pipe, reader, (text, line, notes) -> text));
    new Thread(run).start();
    try (Writer asking = Files.newBufferedWriter(pipe)) {
      asking.write("x".repeat(1 << 13) + "\n"); // the head that is looked at first
      asking.flush();
      assertThat(answers.poll(20, TimeUnit.SECONDS)).startsWith("xx");
      for (String text : List.of("a", "b")) {
        asking.write(text + "\n");
        asking.flush();
        assertThat(answers.poll(20, TimeUnit.SECONDS)).isEqualTo(text + "\n");
      }
      gone.set(true);
      asking.write("c\n");
      asking.flush();
      assertThat(run.get(20, TimeUnit.SECONDS)).isEqualTo(ExitCode.DONE);
    }
  }

  @Test
  void whatNoScenarioIsToBlameForEndsAll() throws Exception {
    Path file = Files.writeString(folder.resolve("s.jsonl"), "a\n");
    try (InputText input = InputText.open(file.toString())) {
      ScenarioBatch<String> batch =
          new ScenarioBatch<>(2, input, new PrintWriter(out), new PrintWriter(err));
      Supplier<ScenarioBatch.Answering<String>> broken =
          () -> {
            throw new IllegalArgumentException("nobody answers");
          };
      assertThatThrownBy(() -> batch.answerAll(broken, telling(new PrintWriter(out))))
          .hasRootCauseMessage("nobody answers");
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException ended) {
      throw new IllegalStateException(ended);
    }
  }
}
