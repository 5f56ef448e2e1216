package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.core.profile.QemuProfile.V11_0;
import static io.github.stopcopy.core.profile.QemuProfile.V9_0;

import io.github.stopcopy.core.profile.QemuProfile;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The migration capabilities of each release (R-OBS-126). */
final class Capabilities {

  private static final Set<String> ALWAYS =
      Set.of(
          "xbzrle",
          "rdma-pin-all",
          "auto-converge",
          "events",
          "postcopy-ram",
          "x-colo",
          "release-ram",
          "return-path",
          "pause-before-switchover",
          "multifd",
          "dirty-bitmaps",
          "postcopy-blocktime",
          "late-block-activate",
          "x-ignore-shared",
          "validate-uuid",
          "background-snapshot",
          "zero-copy-send",
          "postcopy-preempt",
          "switchover-ack",
          "dirty-limit");

  /** Those that went, with the last release that had them. */
  private static final Map<String, QemuProfile> UNTIL =
      Map.of("compress", V9_0, "block", V9_0, "zero-blocks", V11_0);

  /** Those that came, with the first release that has them. */
  private static final Map<String, QemuProfile> SINCE = Map.of("mapped-ram", V9_0);

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
}
