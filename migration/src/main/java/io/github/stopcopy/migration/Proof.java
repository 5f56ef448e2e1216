package io.github.stopcopy.migration;

import io.github.stopcopy.core.profile.QemuProfile;
import java.util.List;
import java.util.Optional;

/**
 * What a real QEMU did with a VM, on a stand-in VFIO kernel, beside what was predicted. Immutable.
 *
 * @param qemu what that QEMU says of its version
 * @param profile the release that answers for it
 * @param accelerator what ran the guest, {@code kvm} or {@code tcg}
 * @param result whether both say the same
 * @param unproven why nothing is shown about the verdict, a line each
 * @param predicted what the model says of this VM on that release
 * @param outcome how it ended, as recordings call it, e.g. {@code completed}; empty if it was not
 *     started
 * @param observed what QEMU did, step by step, as a JSON array of answers
 * @param differences where both differ
 * @param changes what of the command line was left out or replaced, a line each
 * @param notes what else there is to know of what QEMU did, a line each
 */
public record Proof(
    String qemu,
    QemuProfile profile,
    String accelerator,
    Result result,
    List<String> unproven,
    VerdictKind predicted,
    Optional<String> outcome,
    String observed,
    List<Difference> differences,
    List<String> changes,
    List<String> notes) {

  /** Copies the lists. */
  public Proof {
    unproven = List.copyOf(unproven);
    differences = List.copyOf(differences);
    changes = List.copyOf(changes);
    notes = List.copyOf(notes);
  }

  /** Whether QEMU did what was predicted. */
  public enum Result {
    /** It did. */
    AGREES("agrees"),
    /** It did something else. */
    DIFFERS("differs"),
    /** What it did says nothing about the verdict. */
    NOT_PROVEN("not-proven");

    private final String word;

    Result(String word) {
      this.word = word;
    }

    /** How reports call it. */
    public String word() {
      return word;
    }
  }

  /**
   * One aspect in which QEMU did something else.
   *
   * @param aspect as the key of an answer has it
   * @param step the step's number, from 1; 0 if it concerns all of them
   * @param qemu what QEMU did; empty text: nothing
   * @param model what was predicted, in the same form
   */
  public record Difference(String aspect, int step, String qemu, String model) {}
}
