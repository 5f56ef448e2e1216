package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.core.profile.QemuProfile.V10_0;
import static io.github.stopcopy.core.profile.QemuProfile.V11_0;
import static io.github.stopcopy.core.profile.QemuProfile.V11_1;
import static io.github.stopcopy.core.profile.QemuProfile.V9_0;

import io.github.stopcopy.core.profile.QemuProfile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The migration capabilities of each release, and which of them go together (R-OBS-126, R-OBS-166).
 * What {@code migrate-set-capabilities} answers was recorded for every one, two and three of them
 * on 10.0.13 and 11.1.3; older releases are taken to answer as 10.0.
 */
final class Capabilities {

  private static final String RETURN_PATH = "return-path";
  private static final String MULTIFD = "multifd";
  private static final String XBZRLE = "xbzrle";
  private static final String POSTCOPY = "postcopy-ram";
  private static final String DIRTY_LIMIT = "dirty-limit";
  private static final String SNAPSHOT = "background-snapshot";
  private static final String ZERO_BLOCKS = "zero-blocks";
  private static final String MAPPED_RAM = "mapped-ram";
  private static final String AUTO_CONVERGE = "auto-converge";
  private static final String COLO = "x-colo";

  private static final Set<String> ALWAYS =
      Set.of(
          XBZRLE,
          "rdma-pin-all",
          AUTO_CONVERGE,
          "events",
          POSTCOPY,
          COLO,
          "release-ram",
          RETURN_PATH,
          "pause-before-switchover",
          MULTIFD,
          "dirty-bitmaps",
          "postcopy-blocktime",
          "late-block-activate",
          "x-ignore-shared",
          "validate-uuid",
          SNAPSHOT,
          "zero-copy-send",
          "postcopy-preempt",
          "switchover-ack",
          DIRTY_LIMIT);

  /** Those that went, with the last release that had them. */
  private static final Map<String, QemuProfile> UNTIL =
      Map.of("compress", V9_0, "block", V9_0, ZERO_BLOCKS, V11_0);

  /** Those that came, with the first release that has them. */
  private static final Map<String, QemuProfile> SINCE = Map.of(MAPPED_RAM, V9_0);

  /** What a background snapshot cannot have, in the order in which QEMU asks. */
  private static final List<String> NOT_WITH_SNAPSHOT =
      List.of(
          POSTCOPY,
          "dirty-bitmaps",
          "postcopy-blocktime",
          "late-block-activate",
          RETURN_PATH,
          MULTIFD,
          "pause-before-switchover",
          AUTO_CONVERGE,
          "release-ram",
          "rdma-pin-all",
          XBZRLE,
          COLO,
          "validate-uuid",
          "zero-copy-send");

  private Capabilities() {}

  /** The first of these that a release does not know. */
  static Optional<String> unknown(QemuProfile profile, Collection<String> asked) {
    for (String name : List.copyOf(asked)) {
      boolean known =
          ALWAYS.contains(name)
              || UNTIL.containsKey(name) && UNTIL.get(name).isFrom(profile)
              || SINCE.containsKey(name) && profile.isFrom(SINCE.get(name));
      if (!known) {
        return Optional.of(name);
      }
    }
    return Optional.empty();
  }

  /** What QEMU warns of as these are switched on; seen on 10.0.13. */
  static List<String> warnings(QemuProfile profile, Set<String> on) {
    return profile.isFrom(V10_0) && on.contains(ZERO_BLOCKS)
        ? List.of("zero-blocks capability is deprecated")
        : List.of();
  }

  /**
   * Why these cannot be switched on together, in the order in which QEMU asks (R-OBS-166).
   *
   * @param dirtyRing whether KVM collects dirty pages in rings
   */
  static Optional<String> conflict(QemuProfile profile, Set<String> on, boolean dirtyRing) {
    if (on.isEmpty()) {
      return Optional.empty();
    }
    List<String> all = new ArrayList<>();
    if (profile.isFrom(V11_1)) {
      needs(all, on, COLO, RETURN_PATH);
    }
    if (on.contains(POSTCOPY)) {
      add(all, on.contains("x-ignore-shared"), "Postcopy is not compatible with ignore-shared");
      add(
          all,
          on.contains(MULTIFD) && V10_0.isFrom(profile),
          "Postcopy is not yet compatible with multifd");
    }
    if (on.contains(SNAPSHOT)) {
      for (String other : NOT_WITH_SNAPSHOT) {
        add(all, on.contains(other), "Background-snapshot is not compatible with " + other);
      }
    }
    add(
        all,
        on.contains("zero-copy-send")
            && (!on.contains(MULTIFD) || on.contains(XBZRLE) || on.contains("compress")),
        "Zero copy only available for non-compressed non-TLS multifd migration");
    add(
        all,
        on.contains("postcopy-preempt") && !on.contains(POSTCOPY),
        "Postcopy preempt requires postcopy-ram");
    needs(all, on, "switchover-ack", RETURN_PATH);
    if (on.contains(DIRTY_LIMIT)) {
      add(
          all,
          on.contains(AUTO_CONVERGE),
          "dirty-limit conflicts with auto-converge either of then available currently");
      add(
          all,
          !dirtyRing,
          "dirty-limit requires KVM with accelerator property 'dirty-ring-size' set");
    }
    add(all, on.contains(MULTIFD) && on.contains(XBZRLE), "Multifd is not compatible with xbzrle");
    if (on.contains(MAPPED_RAM)) {
      add(all, on.contains(XBZRLE), "Mapped-ram migration is incompatible with xbzrle");
      add(all, on.contains(POSTCOPY), "Mapped-ram migration is incompatible with postcopy");
    }
    return all.stream().findFirst();
  }

  private static void needs(List<String> all, Set<String> on, String one, String other) {
    if (on.contains(one) && !on.contains(other)) {
      all.add("Capability '" + one + "' requires capability '" + other + "'");
    }
  }

  private static void add(List<String> all, boolean refused, String text) {
    if (refused) {
      all.add(text);
    }
  }
}
