package io.github.stopcopy.standin;

import io.github.stopcopy.live.qmp.QmpValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a real QEMU did in a scenario. Immutable.
 *
 * @param scenario the scenario as it was played, as JSON: with the release and the memory dump of
 *     that QEMU
 * @param steps its answers, step by step, as {@code stopcopy run} gives them
 * @param outcome how it ended
 * @param notes what is to be known of it, a line each: where the guest did something else than the
 *     scenario wants, what could not be seen, how QEMU crashed
 */
public record Recording(
    QmpValue scenario, List<QmpValue> steps, Outcome outcome, List<String> notes) {

  /** Copies the lists. */
  public Recording {
    steps = List.copyOf(steps);
    notes = List.copyOf(notes);
  }

  /** How a scenario ended on a QEMU. */
  public enum Outcome {
    /** No migration was tried. */
    NO_MIGRATION("no_migration"),
    /** The last migration completed. */
    COMPLETED("completed"),
    /** The last migration failed. */
    FAILED("failed"),
    /** The last migration was cancelled. */
    CANCELLED("cancelled"),
    /** The last migration was refused. */
    BLOCKED("blocked"),
    /** QEMU ended with an error before anything was asked of it. */
    REALIZE_ERROR("realize_error"),
    /** QEMU ended, later or by a signal. */
    QEMU_DIED("qemu_died"),
    /** QEMU did not answer in time, or the migration did not end. */
    HUNG("hung");

    private final String word;

    Outcome(String word) {
      this.word = word;
    }

    /** How recordings call it. */
    public String word() {
      return word;
    }
  }

  /** The id of the scenario. */
  public String id() {
    return scenario.text("id").orElse("");
  }

  /**
   * Whether QEMU crashed in a way that is known and no matter of VFIO: then nothing is to compare.
   */
  public boolean isKnownCrash() {
    return notes.stream().anyMatch(note -> note.startsWith(KnownCrash.PREFIX));
  }

  /** The recording as a line of recorded vectors: scenario, expected, outcome. */
  public String json() {
    Map<String, QmpValue> all = new LinkedHashMap<>();
    all.put("scenario", scenario);
    all.put("expected", QmpValue.of(Map.of("steps", QmpValue.of(steps))));
    all.put("outcome", QmpValue.of(outcome.word()));
    return QmpValue.of(all).toString();
  }
}
