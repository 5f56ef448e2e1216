package io.github.stopcopy.cli;

import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.core.error.InputException;
import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers the scenarios of an input on several threads and tells the answers in their order. What
 * is wrong with one is told with its line and concerns no other, also if it takes more memory or
 * depth than there is, or meets a bug of ours. Only a few are under way: the threads read as they
 * come to the next, one at a time, and whoever finishes what is to be told next tells it, so that
 * no answer waits for a line that is still to come.
 *
 * @param <T> an answer
 */
final class ScenarioBatch<T> {

  private static final int TURNS_PER_THREAD = 8;

  /** Above it no other is begun, since a long scenario takes much memory. */
  private static final long MOST_CHARACTERS = 1L << 20;

  private final int threads;
  private final InputText input;
  private final PrintWriter out;
  private final PrintWriter err;
  private final ScenarioTexts texts;

  /** Held by whoever reads. */
  private final Object reading = new Object();

  /** Held to write by an answer that is to have all memory for itself. */
  private final ReadWriteLock memory = new ReentrantReadWriteLock();

  // What follows is guarded by this object.
  private final Deque<Turn<T>> turns = new ArrayDeque<>();
  private long characters;
  private int working;
  private int code = ExitCode.DONE;
  private boolean isEmpty = true;
  private boolean isOver;
  private @Nullable Throwable broken;

  /** A scenario, and what came of it. */
  private static final class Turn<T> {
    final int line;
    final String text;
    List<String> notes = new ArrayList<>(0);
    @Nullable T answer;
    @Nullable Throwable failure;
    boolean isDone;

    Turn(int line, String text) {
      this.line = line;
      this.text = text;
    }
  }

  /**
   * A batch.
   *
   * @param threads how many threads answer, at least 1
   */
  ScenarioBatch(int threads, InputText input, PrintWriter out, PrintWriter err) {
    this.threads = threads;
    this.working = threads;
    this.input = input;
    this.out = out;
    this.err = err;
    this.texts = new ScenarioTexts(input);
  }

  /** Answers scenarios, on one thread. */
  interface Answering<T> {

    /**
     * The answer to one scenario.
     *
     * @param text one JSON object
     * @param line where it begins
     * @param notes takes what is to be told before the answer, or before why there is none
     * @throws InputException if it is no scenario, or one that cannot be played
     */
    T answer(String text, int line, Consumer<String> notes) throws InputException;
  }

  /** Tells answers in their order, one at a time, but on any thread. */
  interface Telling<T> {

    /**
     * Tells what an answer has noted.
     *
     * @param place the line that was answered, to stand before a message
     */
    void note(String place, String note);

    /** Tells an answer. */
    void tell(T answer);
  }

  /**
   * Answers all, or as many as somebody reads: once nobody does, no other is begun.
   *
   * @param answering makes what answers, for each thread
   * @return the exit code
   * @throws InputException if there is none, or the input is no text at all
   */
  int answerAll(Supplier<Answering<T>> answering, Telling<T> telling) throws InputException {
    input.refuseBinary();
    ExecutorService workers = Executors.newFixedThreadPool(threads, ScenarioBatch::worker);
    try {
      for (int i = 0; i < threads; i++) {
        workers.execute(() -> work(answering, telling));
      }
      return result();
    } finally {
      workers.shutdownNow();
    }
  }

  /** It may wait for a line that nobody wants any more. */
  private static Thread worker(Runnable work) {
    Thread thread = new Thread(work, "scenarios");
    thread.setDaemon(true);
    return thread;
  }

  private synchronized int result() throws InputException {
    try {
      // Who reads may wait for a line that nobody wants any more.
      while (working > 0 && !(isOver && turns.isEmpty())) {
        wait();
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      isOver = true;
      throw new IllegalStateException(ended);
    }
    if (broken != null) {
      throw new IllegalStateException(broken);
    }
    if (isEmpty) {
      throw InputException.at(input.name(), 0, "is empty, expected a scenario on every line");
    }
    return code;
  }

  private void work(Supplier<Answering<T>> answering, Telling<T> telling) {
    try {
      Answering<T> mine = answering.get();
      for (Turn<T> turn = next(); turn != null; turn = next()) {
        if (turn.failure == null) {
          memory.readLock().lock();
          try {
            answer(turn, mine);
          } finally {
            memory.readLock().unlock();
          }
        }
        finish(turn, mine, telling);
      }
    } catch (Throwable failure) { // not of a scenario; the others must not wait for this thread
      end(failure);
    } finally {
      leave();
    }
  }

  /** Begins the next turn; null if there is none. */
  private @Nullable Turn<T> next() throws InterruptedException {
    synchronized (reading) {
      if (!awaitRoom()) {
        return null;
      }
      Turn<T> turn;
      try {
        Optional<String> text = texts.next();
        if (text.isEmpty()) {
          endInput();
          return null;
        }
        turn = new Turn<>(input.line(), text.get());
      } catch (Throwable failure) { // of this line only, also where memory ran out
        turn = new Turn<>(input.line(), "");
        turn.failure = failure;
      }
      return begin(turn) ? turn : null;
    }
  }

  /** Waits until there may be one more; false if there is to be none. */
  private synchronized boolean awaitRoom() throws InterruptedException {
    while (!isOver
        && (turns.size() >= threads * TURNS_PER_THREAD
            || characters > MOST_CHARACTERS && !turns.isEmpty())) {
      wait();
    }
    return !isOver;
  }

  /** Notes a turn, unless meanwhile nobody wants to know. */
  private synchronized boolean begin(Turn<T> turn) {
    if (isOver) {
      return false;
    }
    isEmpty = false;
    turns.add(turn);
    characters += turn.text.length();
    return true;
  }

  private synchronized void endInput() {
    isOver = true;
    notifyAll();
  }

  private synchronized void end(Throwable failure) {
    broken = failure;
    isOver = true;
    turns.clear();
    notifyAll();
  }

  private synchronized void leave() {
    working--;
    notifyAll();
  }

  private void answer(Turn<T> turn, Answering<T> answering) {
    try {
      turn.answer = answering.answer(turn.text, turn.line, turn.notes::add);
    } catch (Throwable failure) { // of this scenario only, also where memory or stack ran out
      turn.failure = failure;
    }
  }

  /** Tells all that is to be told next and is known. */
  private synchronized void finish(Turn<T> done, Answering<T> answering, Telling<T> telling) {
    done.isDone = true;
    for (Turn<T> turn = turns.peek(); turn != null && turn.isDone; turn = turns.peek()) {
      if (threads > 1 && turn.failure instanceof OutOfMemoryError && !turn.text.isEmpty()) {
        answerAlone(turn, answering);
      }
      tell(turn, telling);
      turns.poll();
      characters -= turn.text.length();
      if (out.checkError()) {
        isOver = true;
        turns.clear();
      }
    }
    notifyAll();
  }

  /** Others may have taken the memory. They come to an end first, and begin nothing meanwhile. */
  private void answerAlone(Turn<T> turn, Answering<T> answering) {
    turn.failure = null;
    turn.notes = new ArrayList<>(0);
    memory.writeLock().lock();
    try {
      answer(turn, answering);
    } finally {
      memory.writeLock().unlock();
    }
  }

  private void tell(Turn<T> turn, Telling<T> telling) {
    String place = input.name() + ":" + turn.line + ": ";
    Throwable failure = turn.failure;
    try {
      turn.notes.forEach(note -> telling.note(place, note));
      if (turn.answer != null) {
        telling.tell(turn.answer);
      }
    } catch (Throwable untold) { // a bug, or memory that the text of the answer would take
      failure = untold;
    }
    if (failure instanceof InputException wrong) {
      code = Math.max(code, ExitCode.BAD_INPUT);
      Problems.tell(err, Problems.locate(wrong, input.name(), turn.line));
    } else if (failure != null) {
      code = Math.max(code, Problems.tell(err, place, failure));
    }
  }
}
