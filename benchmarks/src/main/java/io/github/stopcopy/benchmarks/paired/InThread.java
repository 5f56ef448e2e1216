package io.github.stopcopy.benchmarks.paired;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A variant in Java that runs on the calling thread.
 *
 * @param name names it in the table
 * @param question what its checksums are of
 * @param prepare is done before each time and not measured; null if the work changes nothing, then
 *     all times are measured as one
 * @param work what is measured; answers its checksum
 * @param left answers the checksum of what was left behind
 */
public record InThread(
    String name, String question, @Nullable Runnable prepare, LongSupplier work, LongSupplier left)
    implements Variant {

  @Override
  public Sample play(int times) {
    return prepare == null ? playAsOne(times) : playEach(prepare, times);
  }

  @Override
  public long content() {
    return left.getAsLong();
  }

  private Sample playAsOne(int times) {
    long before = ThreadTime.now();
    long checksum = work.getAsLong();
    boolean same = true;
    for (int i = 1; i < times; i++) {
      same &= work.getAsLong() == checksum;
    }
    return sample(same, checksum, ThreadTime.now() - before);
  }

  private Sample playEach(Runnable prepare, int times) {
    long nanos = 0;
    long checksum = 0;
    boolean same = true;
    for (int i = 0; i < times; i++) {
      prepare.run();
      long before = ThreadTime.now();
      long answer = work.getAsLong();
      nanos += ThreadTime.now() - before;
      same &= i == 0 || answer == checksum;
      checksum = answer;
    }
    return sample(same, checksum, nanos);
  }

  private Sample sample(boolean same, long checksum, long nanos) {
    if (!same) {
      throw new ChecksumMismatch(name + " gives one checksum at a time and another the next");
    }
    return new Sample(checksum, nanos);
  }
}
