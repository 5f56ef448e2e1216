package io.github.stopcopy.qemu.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShellTextTest {

  private static List<ShellCommand> commands(String text) {
    ShellText.Split split = ShellText.split("f", text, 1);
    assertThat(split.failure()).isEmpty();
    return split.commands();
  }

  private static List<String> words(String text) {
    return commands(text).stream()
        .flatMap(command -> command.words().stream())
        .map(word -> word.text().replace('\0', '%'))
        .toList();
  }

  private static String failure(String text) {
    return ShellText.split("f", text, 1).failure().orElseThrow().getMessage();
  }

  @Test
  void quotesAndBackslashes() {
    assertThat(words("a 'b c' \"d e\" f\\ g h'i'\"j\""))
        .containsExactly("a", "b c", "d e", "f g", "hij");
    assertThat(words("'a\\b' \"a\\b\\\"\\$\\`\\\\\" a\\'b"))
        .containsExactly("a\\b", "a\\b\"$`\\", "a'b");
    assertThat(words("'' \"\"")).containsExactly("", "");
    assertThat(words("-device '{\"driver\":\"x\"}'"))
        .containsExactly("-device", "{\"driver\":\"x\"}");
    assertThat(words("$'a\\tb\\'c\\x41\\101' $\"d e\"")).containsExactly("a\tb'cAA", "d e");
  }

  @Test
  void linesContinueAndCommentsEnd() {
    assertThat(words("#!/bin/sh\na \\\n  b\\\nc # d 'e\nf\tg#h \\\r\n i\r\nj \"k\\\nl\" m\\"))
        .containsExactly("a", "bc", "f", "g#h", "i", "j", "kl", "m");
    assertThat(words("\ufeffa")).containsExactly("a");
    assertThat(words("a \\ \n b")).containsExactly("a", "b");
  }

  @Test
  void aWordKnowsTheLineInWhichItBegan() {
    List<Integer> lines =
        commands("a\n b \\\n 'c\nd' e\\\nf\n# x\n\"\ng\" h").stream()
            .flatMap(command -> command.words().stream())
            .map(Word::line)
            .toList();
    assertThat(lines).containsExactly(1, 2, 3, 4, 7, 8);
  }

  @Test
  void aDollarThatStartsNothingIsPlain() {
    assertThat(words("a$ $ '$b' \\$c \"$\" $/ $="))
        .containsExactly("a$", "$", "$b", "$c", "$", "$/", "$=");
  }

  @ParameterizedTest
  @ValueSource(strings = {"|", "&", ";", "(", ")"})
  void operatorsEndACommand(String operator) {
    assertThat(commands("a" + operator + "b"))
        .extracting(command -> command.words().get(0).text(), ShellCommand::endsWithOperator)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("a", true),
            org.assertj.core.groups.Tuple.tuple("b", false));
    assertThat(words("'" + operator + "' \\" + operator)).containsExactly(operator, operator);
  }

  @Test
  void redirectionsAreNoWords() {
    assertThat(words("a >f b 2>&1 c </dev/null d &>> g e 2> h"))
        .containsExactly("a", "b", "c", "d", "e");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "$HOME ~ %$HOME%",
        "a$(ls 'b' (c))d ~ a%$(ls 'b' (c))%d",
        "${A} ~ %${A}%",
        "$1 ~ %$1%",
        "\"$@\" ~ %$@%",
        "\"x$HOME\" ~ x%$HOME%",
        "\"`ls`\" ~ %`ls`%",
        "\"${A:-b c}\" ~ b c",
        "${A:-$B} ~ %${A:-$B}%",
      })
  void whatAShellWouldPutInStaysOpen(String text, String word) {
    assertThat(words(text.replace('`', '`'))).containsExactly(word);
  }

  @Test
  void variablesThatTheTextSetsArePutIn() {
    assertThat(words("A=b\nB=\"$A c\"\nx $A \"$B\" $B ${A}d '$A'").subList(2, 9))
        .containsExactly("x", "b", "b c", "b", "c", "bd", "$A");
    assertThat(words("A=(a 'b c')\nA+=(d)\nx \"${A[@]}\"")).containsExactly("x", "a", "b c", "d");
    assertThat(words("A=a\nA+=b\nx $A")).containsExactly("A=a", "A+=b", "x", "ab");
    assertThat(words("A=\nx $A y")).containsExactly("A=", "x", "y");
  }

  @Test
  void whatIsSetUnderAConditionStaysOpen() {
    assertThat(words("A=a\nif true; then\nA=b\nfi\nx $A")).endsWith("x", "%$A%");
    assertThat(words("for A in b c; do\nx $A\ndone")).contains("%$A%");
  }

  @Test
  void quotesThatAreNeverClosedAreTold() {
    assertThat(failure("a\n'b\nc"))
        .isEqualTo("f:2: the quote ' is never closed, expected another '");
    assertThat(failure("a\n\nb\"c\nd"))
        .isEqualTo("f:3: the quote \" is never closed, expected another \"");
    assertThat(failure("\"a\\"))
        .isEqualTo("f:1: the quote \" is never closed, expected another \"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\na\0", "\n'\0'", "\n\"\0\"", "\n\\\0", "\n\"\\\0\"", "\n#\0", "\n$(\0"})
  void binaryTextIsTold(String text) {
    assertThat(failure(text))
        .isEqualTo("f:2: character 0x0, expected the text of a QEMU command line");
    assertThat(failure(text.replace('\0', '\ufffd')))
        .isEqualTo("f:2: character 0xfffd, expected the text of a QEMU command line");
    assertThat(failure(text.replace('\0', '\u007f')))
        .isEqualTo("f:2: character 0x7f, expected the text of a QEMU command line");
  }

  @Test
  void variablesThatGrowAreRefusedOrLeftOpen() {
    assertThat(failure("A=aaaaaaaaaa\n" + "A=$A$A\n".repeat(1000)))
        .endsWith("the variables hold more than 16777216 characters in sum");
    String often = "B=\n" + "B+=b\n".repeat(100_000) + "x $B";
    assertThat(words(often)).endsWith("x", "%$B%");
  }
}
