package io.github.stopcopy.cli.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.InputException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where text comes from. */
class InputTextTest {

  private static final int BUFFER = 1 << 16;

  @TempDir private Path folder;

  @Test
  void standardInputIsLeftOpenForWhoeverOwnsIt() throws Exception {
    AtomicBoolean closed = new AtomicBoolean();
    InputStream given =
        new ByteArrayInputStream("-M q35".getBytes(StandardCharsets.UTF_8)) {
          @Override
          public void close() {
            closed.set(true);
          }
        };
    InputStream before = System.in;
    System.setIn(given);
    try {
      assertThat(InputText.readAll("-")).isEqualTo("-M q35");
    } finally {
      System.setIn(before);
    }
    assertThat(closed).isFalse();
  }

  /** Lines that end in the buffer, with it, and behind it; broken ones cost only themselves. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void linesOfAllLengthsComeAsTheyAre(long seed) throws Exception {
    Random random = new Random(seed);
    List<String> expected = new ArrayList<>();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < 60; i++) {
      int room = BUFFER - bytes.size() % BUFFER; // until the buffer is full
      int length =
          switch (random.nextInt(4)) {
            case 0 -> random.nextInt(3);
            case 1 -> Math.max(0, room - 2 + random.nextInt(4));
            case 2 -> BUFFER + random.nextInt(BUFFER);
            default -> random.nextInt(2000);
          };
      String text = (random.nextInt(3) == 0 ? "\u00e9" : "x").repeat(length);
      boolean isBroken = random.nextInt(5) == 0;
      if (isBroken) {
        bytes.write(0xff);
      }
      bytes.write(text.getBytes(StandardCharsets.UTF_8));
      if (i < 59) {
        bytes.write('\n');
      }
      if (i < 59 || isBroken || length > 0) {
        expected.add(isBroken ? (i + 1) + ": is no text" : text);
      }
    }

    assertThat(lines(bytes.toByteArray())).containsExactlyElementsOf(expected);
  }

  @Test
  void aLineThatIsTooLongCostsOnlyItself() throws Exception {
    byte[] bytes = new byte[InputText.LONGEST + 10];
    Arrays.fill(bytes, (byte) 'x');
    bytes[1] = '\n';
    bytes[bytes.length - 3] = '\n';
    bytes[bytes.length - 1] = '\n';
    assertThat(lines(bytes)).containsExactly("x", "2: the line is too long", "x");
  }

  @Test
  void theRestThatWasLookedAtStaysToBeRead() throws Exception {
    Path file = Files.writeString(folder.resolve("text"), "a\nb\n" + "c".repeat(BUFFER) + "\nd");
    try (InputText input = InputText.open(file.toString())) {
      input.refuseBinary();
      assertThat(input.nextLine()).contains("a");
      assertThat(input.peekRest().orElseThrow()).hasSize(BUFFER + 4).startsWith("b\nc");
      assertThat(input.nextLine()).contains("b");
      assertThat(input.nextLine().orElseThrow()).hasSize(BUFFER);
      assertThat(input.nextLine()).contains("d");
      assertThat(input.nextLine()).isEmpty();
    }
  }

  private List<String> lines(byte[] bytes) throws Exception {
    Path file = Files.write(folder.resolve("lines"), bytes);
    List<String> lines = new ArrayList<>();
    try (InputText input = InputText.open(file.toString())) {
      input.refuseBinary();
      boolean goesOn = true;
      while (goesOn) {
        try {
          Optional<String> line = input.nextLine();
          goesOn = line.isPresent();
          line.ifPresent(lines::add);
        } catch (InputException wrong) {
          lines.add(wrong.line() + ": " + wrong.problem().split(",")[0].replace(" in UTF-8", ""));
        }
      }
    }
    return lines;
  }
}
