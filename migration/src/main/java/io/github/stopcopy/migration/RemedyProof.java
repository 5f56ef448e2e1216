package io.github.stopcopy.migration;

import io.github.stopcopy.migration.candidate.Candidate;
import io.github.stopcopy.migration.candidate.CheckOptions;
import io.github.stopcopy.migration.candidate.LibvirtXml;
import io.github.stopcopy.migration.candidate.RemedyCandidates;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tries what could help, by playing the changes as data, and keeps what makes the answer better. A
 * list of changes is played once, however many reasons and devices it is tried for.
 */
final class RemedyProof {

  /**
   * An unmerged patch is the last thing to do. Before it comes what frees the VM of all reasons,
   * then what leaves some; and of these what takes the least effort first.
   */
  private static final Comparator<Tried> ORDER =
      Comparator.<Tried, Boolean>comparing(
              tried -> tried.candidate().needs().contains(RemedyNeed.UNMERGED_PATCH))
          .thenComparing(tried -> !tried.outcome().kind().isPositive())
          .thenComparingInt(tried -> tried.candidate().effort())
          .thenComparingInt(tried -> -tried.outcome().kind().rank());

  private final Trials trials;
  private final RemedyCandidates candidates;
  private final Optional<LibvirtXml> libvirt;

  private record Tried(Candidate candidate, Judgement outcome) {}

  /**
   * A proof.
   *
   * @param trials plays changes
   * @param candidates knows what could help
   * @param libvirt writes changes as XML, for a VM of libvirt
   */
  RemedyProof(Trials trials, RemedyCandidates candidates, Optional<LibvirtXml> libvirt) {
    this.trials = trials;
    this.candidates = candidates;
    this.libvirt = libvirt;
  }

  /** The reasons of an answer, each with what makes it go away and the answer better. */
  List<Reason> against(Judgement before) {
    List<Reason> reasons = before.reasons();
    Map<String, Set<String>> devices = new LinkedHashMap<>();
    for (Reason reason : reasons) {
      Set<String> names = devices.computeIfAbsent(reason.code(), c -> new LinkedHashSet<>());
      reason.device().ifPresent(names::add);
    }
    Map<String, List<Remedy>> proven = new HashMap<>();
    List<Reason> all = new ArrayList<>();
    for (Reason reason : reasons) {
      List<Remedy> remedies = proven.get(reason.code());
      if (remedies == null) {
        remedies = remedies(before, reason.code(), devices.getOrDefault(reason.code(), Set.of()));
        proven.put(reason.code(), remedies);
      }
      all.add(reason.withRemedies(remedies));
    }
    return all;
  }

  /** One change for all reasons of a code, since what frees one device only frees nobody. */
  private List<Remedy> remedies(Judgement before, String code, Set<String> devices) {
    Set<List<RemedyChange>> seen = new LinkedHashSet<>();
    List<Tried> better = new ArrayList<>();
    boolean releaseHelps = false;
    for (Candidate candidate : candidates.against(code, devices)) {
      boolean onlyRelease = isOnlyRelease(candidate);
      if (onlyRelease && releaseHelps || !seen.add(candidate.changes())) {
        continue;
      }
      Optional<Judgement> after =
          trials
              .play(candidate.changes())
              .map(Trials.Trial::judgement)
              .filter(outcome -> isBetter(before, outcome, code));
      after.ifPresent(outcome -> better.add(new Tried(candidate, outcome)));
      releaseHelps |= onlyRelease && after.isPresent();
    }
    better.sort(ORDER);
    return better.stream().map(this::remedy).toList();
  }

  /** Of releases without any other change the first that helps is enough. */
  private static boolean isOnlyRelease(Candidate candidate) {
    return candidate.changes().size() == 1
        && candidate.changes().get(0) instanceof RemedyChange.Release;
  }

  /**
   * The code is gone, and the answer is another step up, has fewer reasons, or loses data for fewer
   * of them; what loses data now and did not before is never better.
   */
  private static boolean isBetter(Judgement before, Judgement after, String code) {
    if (after.kind() == VerdictKind.REFUSED) {
      return false;
    }
    for (Reason reason : after.reasons()) {
      if (reason.code().equals(code) || isNewLoss(before, reason)) {
        return false;
      }
    }
    return after.kind().rank() > before.kind().rank()
        || after.kind() == before.kind()
            && (after.reasons().size() < before.reasons().size() || losses(after) < losses(before));
  }

  static boolean isNewLoss(Judgement before, Reason reason) {
    return reason.losesData() && before.reasons().stream().noneMatch(reason::isSameAs);
  }

  private static long losses(Judgement outcome) {
    return outcome.reasons().stream().filter(Reason::losesData).count();
  }

  private Remedy remedy(Tried tried) {
    Candidate candidate = tried.candidate();
    return new Remedy(
        candidate.text(),
        candidate.changes(),
        CheckOptions.of(candidate.changes()),
        libvirt.flatMap(xml -> xml.of(candidate.changes())),
        candidate.needs(),
        tried.outcome().kind(),
        candidate.assumes());
  }
}
