package io.github.stopcopy.qemu.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.error.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShellWordsTest {

  private static List<String> words(String text) throws InputException {
    return ShellWords.split("f", text).stream().map(Word::text).toList();
  }

  private static void assertRefused(String text, String message) {
    assertThatThrownBy(() -> words(text)).isInstanceOf(InputException.class).hasMessage(message);
  }

  @Test
  void quotesAndBackslashes() throws InputException {
    assertThat(words("a 'b c' \"d e\" f\\ g h'i'\"j\""))
        .containsExactly("a", "b c", "d e", "f g", "hij");
    assertThat(words("'a\\b' \"a\\b\\\"\\$\\`\\\\\" a\\'b"))
        .containsExactly("a\\b", "a\\b\"$`\\", "a'b");
    assertThat(words("'' \"\"")).containsExactly("", "");
    assertThat(words("-device '{\"driver\":\"x\"}'"))
        .containsExactly("-device", "{\"driver\":\"x\"}");
  }

  @Test
  void linesContinueAndCommentsEnd() throws InputException {
    assertThat(words("#!/bin/sh\na \\\n  b\\\nc # d 'e\nf\tg#h \\\r\n i\r\nj \"k\\\nl\" m\\"))
        .containsExactly("a", "bc", "f", "g#h", "i", "j", "kl", "m");
    assertThat(words("\ufeffa")).containsExactly("a");
  }

  @Test
  void aWordKnowsTheLineInWhichItBegan() throws InputException {
    List<Word> words = ShellWords.split("f", "a\n b \\\n 'c\nd' e\\\nf\n# x\n\"\ng\" h");
    assertThat(words)
        .containsExactly(
            new Word("a", 1),
            new Word("b", 2),
            new Word("c\nd", 3),
            new Word("ef", 4),
            new Word("\ng", 7),
            new Word("h", 8));
  }

  @Test
  void aDollarThatStartsNothingIsPlain() throws InputException {
    assertThat(words("a$ $ '$b' \\$c \"$'\" $/ $="))
        .containsExactly("a$", "$", "$b", "$c", "$'", "$/", "$=");
  }

  @ParameterizedTest
  @ValueSource(strings = {"|", "&", ";", "<", ">", "(", ")", "`"})
  void constructsOfTheShellAreRefused(String construct) throws InputException {
    assertRefused(
        "a\nb" + construct,
        "f:2: '"
            + construct
            + "' is for a shell and nothing is run or expanded here, expected"
            + " plain words; put it in single quotes if it is meant literally");
    assertThat(words("'" + construct + "' \\" + construct)).containsExactly(construct, construct);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$HOME",
        "$(ls)",
        "${A}",
        "$1",
        "$_",
        "$?",
        "$'a'",
        "$\"a\"",
        "\"x$HOME\"",
        "\"$(ls)\"",
        "\"`ls`\""
      })
  void variablesAndCommandsAreRefused(String text) {
    assertThatThrownBy(() -> words("a " + text))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("f:1: '" + text.replaceFirst("^\"x?", "").charAt(0))
        .hasMessageContaining("is for a shell");
  }

  @Test
  void quotesThatAreNeverClosedAreRefused() {
    assertRefused("a\n'b\nc", "f:2: the quote ' is never closed, expected another '");
    assertRefused("a\n\nb\"c\nd", "f:3: the quote \" is never closed, expected another \"");
    assertRefused("\"a\\", "f:1: the quote \" is never closed, expected another \"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\na\0", "\n'\0'", "\n\"\0\"", "\n\\\0", "\n\"\\\0\"", "\n#\0"})
  void binaryTextIsRefused(String text) {
    assertRefused(text, "f:2: character 0x0, expected the text of a QEMU command line");
    assertRefused(
        text.replace('\0', '\ufffd'),
        "f:2: character 0xfffd, expected the text of a QEMU command line");
    assertRefused(
        text.replace('\0', '\u007f'),
        "f:2: character 0x7f, expected the text of a QEMU command line");
  }
}
