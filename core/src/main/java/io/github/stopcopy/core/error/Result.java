package io.github.stopcopy.core.error;

/**
 * A value or the error QEMU reports instead of it.
 *
 * @param <T> the type of the value
 */
public sealed interface Result<T> {

  /**
   * It worked.
   *
   * @param <T> the type of the value
   * @param value what came of it
   */
  record Ok<T>(T value) implements Result<T> {}

  /**
   * It failed.
   *
   * @param <T> the type of the value that is missing
   * @param error what QEMU reports
   */
  record Failed<T>(QemuError error) implements Result<T> {}

  /** A result with a value. */
  static <T> Result<T> ok(T value) {
    return new Ok<>(value);
  }

  /** A result with an error. */
  static <T> Result<T> failed(QemuError error) {
    return new Failed<>(error);
  }
}
