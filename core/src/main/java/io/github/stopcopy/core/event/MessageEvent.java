package io.github.stopcopy.core.event;

/**
 * A line QEMU prints on its standard error, without program name and location.
 *
 * @param severity how it is printed
 * @param text the exact text; host pointers are written {@code PTR}
 */
public record MessageEvent(Severity severity, String text) implements ModelEvent {

  /** How a line is printed. */
  public enum Severity {
    /** A plain line, also a hint. */
    ERROR,
    /** A line that QEMU prefixes with {@code warning: }. */
    WARNING
  }

  @Override
  public String describe() {
    return (severity == Severity.ERROR ? "error: " : "warning: ") + text;
  }
}
