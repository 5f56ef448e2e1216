package io.github.stopcopy.cli;

import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.core.error.InputException;
import java.io.PrintWriter;
import java.util.Optional;

/**
 * Answers the scenarios of an input one by one. What is wrong with one is told with its line and
 * concerns no other, also if it takes more memory or depth than there is, or meets a bug of ours.
 */
final class ScenarioBatch {

  private final InputText input;
  private final PrintWriter out;
  private final PrintWriter err;

  ScenarioBatch(InputText input, PrintWriter out, PrintWriter err) {
    this.input = input;
    this.out = out;
    this.err = err;
  }

  /** Answers one scenario. */
  interface Answering {

    /**
     * Prints the answer.
     *
     * @param text one JSON object
     * @throws InputException if it is no scenario, or one that cannot be played
     */
    void answer(String text) throws InputException;
  }

  /**
   * Answers all, or as many as somebody reads: each answer goes out before the next begins.
   *
   * @return the exit code
   * @throws InputException if there is none, or the input is no text at all
   */
  int answerAll(Answering each) throws InputException {
    input.refuseBinary();
    ScenarioTexts texts = new ScenarioTexts(input);
    int code = ExitCode.DONE;
    boolean isEmpty = true;
    boolean goesOn = true;
    while (goesOn && !out.checkError()) {
      try {
        Optional<String> text = texts.next();
        goesOn = text.isPresent();
        if (goesOn) {
          isEmpty = false;
          each.answer(text.get());
        }
      } catch (InputException wrong) {
        isEmpty = false;
        code = Math.max(code, ExitCode.BAD_INPUT);
        Problems.tell(err, Problems.locate(wrong, input.name(), input.line()));
      } catch (Throwable failure) { // of this scenario only, also where memory or stack ran out
        isEmpty = false;
        code = Math.max(code, Problems.tell(err, place(), failure));
      }
    }
    if (isEmpty && !goesOn) {
      throw InputException.at(input.name(), 0, "is empty, expected a scenario on every line");
    }
    return code;
  }

  /** The line that is answered, to stand before a message. */
  String place() {
    return input.name() + ":" + input.line() + ": ";
  }
}
