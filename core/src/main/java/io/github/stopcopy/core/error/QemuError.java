package io.github.stopcopy.core.error;

import java.util.ArrayList;
import java.util.List;

/**
 * An error as QEMU reports it: the exact text, the errno behind it and the hint lines printed after
 * it. A value, never thrown.
 *
 * @param text the text without program name and location
 * @param errno the error number QEMU returns with it
 * @param hints further lines that are printed after the text, usually none
 */
public record QemuError(String text, Errno errno, List<String> hints) {

  /** Copies the hints. */
  public QemuError {
    hints = List.copyOf(hints);
  }

  /** An error without hints. */
  public static QemuError of(Errno errno, String text) {
    return new QemuError(text, errno, List.of());
  }

  /** An error where the number does not matter to anybody; it carries EINVAL. */
  public static QemuError of(String text) {
    return of(Errno.EINVAL, text);
  }

  /** The same error with {@code prefix} directly before its text. */
  public QemuError withPrefix(String prefix) {
    return new QemuError(prefix + text, errno, hints);
  }

  /** The same error with one more hint line. */
  public QemuError withHint(String hint) {
    List<String> more = new ArrayList<>(hints);
    more.add(hint);
    return new QemuError(text, errno, more);
  }
}
