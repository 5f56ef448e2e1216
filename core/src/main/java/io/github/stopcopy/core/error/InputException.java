package io.github.stopcopy.core.error;

import java.util.Objects;

/**
 * Input that cannot be read. The message is one line, {@code SOURCE:LINE: problem}, and says what
 * was expected. The only checked exception of the project: everything that reads text throws it.
 */
public final class InputException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String source;
  private final int line;
  private final String problem;

  private InputException(String source, int line, String problem) {
    super((source.isEmpty() ? "" : source + ":" + (line > 0 ? line + ":" : "") + " ") + problem);
    this.source = source;
    this.line = line;
    this.problem = problem;
  }

  /**
   * Input with a line.
   *
   * @param source a file name or another name of the input, empty if not known yet
   * @param line the line, counted from 1; 0 if the input has none
   * @param problem what is wrong and what was expected, with the field's name where there is one
   */
  public static InputException at(String source, int line, String problem) {
    return new InputException(oneLine(source), line, oneLine(problem));
  }

  /** Input without lines, whose source the caller knows. */
  public static InputException of(String problem) {
    return at("", 0, problem);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** The name of the input, empty if not known. */
  public String source() {
    return source;
  }

  /** The line, counted from 1; 0 if there is none. */
  public int line() {
    return line;
  }

  /** What is wrong and what was expected, without source and line. */
  public String problem() {
    return problem;
  }

  private static String oneLine(String text) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), 400));
    for (int i = 0; i < text.length() && out.length() < 400; i++) {
      char c = text.charAt(i);
      out.append(Character.isISOControl(c) || c == 0x2028 || c == 0x2029 ? ' ' : c);
    }
    return out.toString();
  }
}
