package io.github.stopcopy.cli.fleet;

import io.github.stopcopy.migration.fleet.FleetRow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Has entries answered on several threads and takes the answers in the order of the entries. The
 * caller's thread reads and takes; only a bounded number of entries is under way.
 */
public final class InOrder {

  private static final int MOST_ENTRIES = 64;
  private static final int MOST_CHARACTERS = 1 << 20;
  private static final int BATCHES_PER_THREAD = 3;

  private final FleetSource source;
  private final Function<FleetEntry, FleetRow> answering;

  /**
   * Answers entries.
   *
   * @param source the entries
   * @param vms reads and decides each
   * @param failed answers in place of what went wrong otherwise, on any thread
   */
  public InOrder(FleetSource source, FleetVms vms, Failed failed) {
    this.source = source;
    this.answering =
        entry -> {
          try {
            return vms.row(entry);
          } catch (Throwable failure) { // of this VM only, also where memory or stack ran out
            return FleetRow.unknown(
                entry.id(), entry.node(), failed.told(entry.file() + ":" + entry.line(), failure));
          }
        };
  }

  /** Is told what went wrong with an entry. */
  public interface Failed {

    /** Tells it in words, for the row of the entry. */
    String told(String place, Throwable failure);
  }

  /**
   * Answers all entries, or as many as are wanted.
   *
   * @param threads how many threads answer, at least 1
   * @param taking takes an answer; false: no more are wanted
   */
  public void answer(int threads, Predicate<FleetRow> taking) {
    ExecutorService workers = Executors.newFixedThreadPool(threads, InOrder::worker);
    try {
      Deque<Future<List<FleetRow>>> underWay = new ArrayDeque<>();
      boolean goesOn = true;
      List<FleetEntry> batch = batch();
      while (goesOn && !(batch.isEmpty() && underWay.isEmpty())) {
        if (!batch.isEmpty()) {
          List<FleetEntry> entries = batch;
          underWay.add(workers.submit(() -> entries.stream().map(answering).toList()));
          batch = batch();
        }
        if (batch.isEmpty() || underWay.size() > threads * BATCHES_PER_THREAD) {
          for (FleetRow row : rows(underWay.remove())) {
            goesOn = goesOn && taking.test(row);
          }
        }
      }
    } finally {
      workers.shutdownNow();
    }
  }

  private static Thread worker(Runnable work) {
    Thread thread = new Thread(work, "fleet");
    thread.setDaemon(true);
    return thread;
  }

  private List<FleetEntry> batch() {
    List<FleetEntry> entries = new ArrayList<>();
    long characters = 0;
    while (entries.size() < MOST_ENTRIES && characters < MOST_CHARACTERS) {
      Optional<FleetEntry> next = source.next();
      if (next.isEmpty()) {
        break;
      }
      entries.add(next.get());
      characters += next.get().text().length();
    }
    return entries;
  }

  private static List<FleetRow> rows(Future<List<FleetRow>> batch) {
    try {
      return batch.get();
    } catch (ExecutionException failed) {
      throw new IllegalStateException(failed.getCause());
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(ended);
    }
  }
}
