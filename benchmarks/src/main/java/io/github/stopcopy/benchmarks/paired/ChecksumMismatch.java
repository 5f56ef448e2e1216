package io.github.stopcopy.benchmarks.paired;

/** Two variants did not do the same work, so that their times cannot be compared. */
public final class ChecksumMismatch extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ChecksumMismatch(String message) {
    super(message);
  }
}
