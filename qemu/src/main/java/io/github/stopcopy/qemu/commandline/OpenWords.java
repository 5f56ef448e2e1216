package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Decides whether what a script leaves open in a command line matters, and notes it if not. */
final class OpenWords {

  /** Options of which every part can decide the answer. */
  private static final Set<String> DECISIVE =
      Set.of("machine", "M", "m", "smp", "cpu", "accel", "global", "set", "readconfig");

  private static final Set<String> DECISIVE_PARTS = Set.of("driver", "qom-type", "size", "id");

  private final List<String> notes = new ArrayList<>();

  List<String> notes() {
    return List.copyOf(notes);
  }

  /** The word with what is open as it was written. */
  Word value(String option, Word value) throws InputException {
    if (!OpenText.isOpen(value.text())) {
      return value;
    }
    String shown = OpenText.shown(value.text());
    Word plain = new Word(shown, value.source(), value.line());
    if (matters(option, value.text())) {
      throw at(
          value,
          "-"
              + option
              + ": "
              + Quote.of(shown)
              + " leaves open what matters, expected the value itself");
    }
    note(value, "-" + option + " " + Quote.of(shown));
    return plain;
  }

  /** A word where an option is expected. */
  void word(Word word) throws InputException {
    String shown = Quote.of(OpenText.shown(word.text()));
    boolean path = !OpenText.isWholly(word.text()) && !word.isOption();
    if (!path && !OpenText.isArguments(word.text())) {
      throw at(
          word,
          shown + " may hold options and is not set in this text, expected the options themselves");
    }
    note(word, shown);
  }

  private static boolean matters(String option, String text) throws InputException {
    if (DECISIVE.contains(option)) {
      return true;
    }
    boolean device = option.equals("device");
    if (!device && !option.equals("object")) {
      return false;
    }
    if (JsonOptions.isJson(text)) {
      return !device || DeviceNames.isDecisive(text) || !text.contains("\"driver\"");
    }
    for (KeyValue part : KeyValue.parse(text, device ? "driver" : "qom-type")) {
      if (part.name().equals("driver") && DeviceNames.isDecisive(part.value())) {
        return true;
      }
      boolean open = OpenText.isOpen(part.name()) || OpenText.isOpen(part.value());
      boolean decides =
          device ? part.name().equals("driver") : DECISIVE_PARTS.contains(part.name());
      if (open && (decides || OpenText.isOpen(part.name()))) {
        return true;
      }
    }
    return false;
  }

  private void note(Word word, String shown) {
    notes.add(
        at(word, shown + " leaves something open; it was read as if that made no difference")
            .getMessage());
  }

  private static InputException at(Word word, String problem) {
    return InputException.at(word.source(), word.line(), problem);
  }
}
