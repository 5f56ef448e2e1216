package io.github.stopcopy.migration;

import java.util.List;

/**
 * A question that had to be answered for the verdict, also one whose answer is good.
 *
 * @param subject the name of the host's device; {@code vm} for one about the whole VM
 * @param text the question
 * @param outcome how it came out
 * @param answer what was found, in words
 * @param codes the codes of the reasons that it led to
 */
public record Question(
    String subject, String text, Outcome outcome, String answer, List<String> codes) {

  /** The subject of what is asked about the whole VM. */
  public static final String VM = "vm";

  /** Copies the list. */
  public Question {
    codes = List.copyOf(codes);
  }

  /** How a question came out. */
  public enum Outcome {
    /** Well. */
    PASS("pass"),
    /** Well if something holds that QEMU does not see to, or that nobody said. */
    CONDITION("condition"),
    /** Not well: QEMU refuses, fails or ends. */
    FAIL("fail"),
    /** It was not asked, because another answer came before it. */
    NOT_ASKED("not-asked");

    private final String word;

    Outcome(String word) {
      this.word = word;
    }

    /** The stable word in JSON. */
    public String word() {
      return word;
    }
  }
}
