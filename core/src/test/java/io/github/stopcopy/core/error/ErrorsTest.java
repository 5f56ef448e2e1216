package io.github.stopcopy.core.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input, error numbers, and errors as QEMU reports them. */
class ErrorsTest {

  @Test
  void inputErrorsSaySourceAndLine() {
    InputException error = InputException.at("vm.args", 3, "no such option, expected -device");
    assertThat(error).hasMessage("vm.args:3: no such option, expected -device").hasNoCause();
    assertThat(error.source()).isEqualTo("vm.args");
    assertThat(error.line()).isEqualTo(3);
    assertThat(error.problem()).isEqualTo("no such option, expected -device");
  }

  @Test
  void aSourceWithoutLinesHasNone() {
    assertThat(InputException.at("host.json", 0, "bad")).hasMessage("host.json: bad");
    assertThat(InputException.of("bad")).hasMessage("bad");
    assertThat(InputException.of("bad").source()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\nb",
        "a\rb",
        "a\u0000b",
        "a\u001bb",
        "a\u007fb",
        "a\u0085b",
        "a\u009bb",
        "a\u2028b",
        "a\u2029b",
        "a\tb"
      })
  void aMessageIsOneLineWithoutControlCharacters(String text) {
    assertThat(InputException.of(text)).hasMessage("a b");
    assertThat(InputException.at(text, 1, "bad")).hasMessage("a b:1: bad");
  }

  @Test
  void hostileMessagesAreCut() {
    assertThat(InputException.of("x".repeat(1_000_000)).getMessage()).hasSize(400);
  }

  @ParameterizedTest
  @CsvSource({
    "EPERM,1,Operation not permitted",
    "EIO,5,Input/output error",
    "ENOMEM,12,Cannot allocate memory",
    "EEXIST,17,File exists",
    "EINVAL,22,Invalid argument",
    "ENOTTY,25,Inappropriate ioctl for device",
    "ENOSPC,28,No space left on device",
    "EDEADLK,35,Resource deadlock avoided",
    "EOPNOTSUPP,95,Operation not supported",
    "EHWPOISON,133,Memory page has hardware error"
  })
  void errnoNumbersAndTexts(Errno errno, int number, String text) {
    assertThat(errno.number()).isEqualTo(number);
    assertThat(errno.text()).isEqualTo(text);
    assertThat(Errno.ofNumber(number)).contains(errno);
  }

  @Test
  void everyErrnoIsFoundByItsNumber() {
    assertThat(Arrays.asList(Errno.values()))
        .allSatisfy(errno -> assertThat(Errno.ofNumber(errno.number())).contains(errno));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -22, 41, 58, 134, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void numbersWithoutAnErrno(int number) {
    assertThat(Errno.ofNumber(number)).isEmpty();
  }

  @Test
  void qemuErrorsTakeAPrefixAndHints() {
    QemuError error = QemuError.of(Errno.ENOTTY, "no migration").withHint("see 1");
    QemuError more = error.withPrefix("vfio 0000:01:00.0: ").withHint("see 2");
    assertThat(more.text()).isEqualTo("vfio 0000:01:00.0: no migration");
    assertThat(more.errno()).isEqualTo(Errno.ENOTTY);
    assertThat(more.hints()).containsExactly("see 1", "see 2");
    assertThat(error.hints()).containsExactly("see 1");
    assertThat(QemuError.of("x").errno()).isEqualTo(Errno.EINVAL);
  }

  @Test
  void hintsAreCopied() {
    List<String> hints = new ArrayList<>(List.of("a"));
    QemuError error = new QemuError("x", Errno.EIO, hints);
    hints.add("b");
    assertThat(error.hints()).containsExactly("a").isUnmodifiable();
  }

  @Test
  void resultsHoldAValueOrAnError() {
    assertThat(Result.ok(5)).isEqualTo(new Result.Ok<>(5));
    QemuError error = QemuError.of("x");
    assertThat(Result.<Integer>failed(error)).isEqualTo(new Result.Failed<Integer>(error));
  }
}
