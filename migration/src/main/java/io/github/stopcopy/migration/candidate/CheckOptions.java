package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.migration.change.Changes;
import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The options of {@code stopcopy check} that try changes. */
public final class CheckOptions {

  private static final Set<String> WITHOUT_OPTION = Set.of("host", "migrate");
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.,:=@%+/-]+");

  private CheckOptions() {}

  /** The options as a shell takes them; empty if there is none for one of the changes. */
  public static Optional<String> of(List<RemedyChange> changes) {
    List<String> options = new ArrayList<>();
    for (RemedyChange change : changes) {
      if (Changes.isForDestination(change)) {
        if (!(change instanceof RemedyChange.Set set) || !set.property().equals("profile")) {
          return Optional.empty();
        }
        options.add("--to-qemu " + set.value());
      } else if (change instanceof RemedyChange.Tracker tracker) {
        String device = tracker.target().isEmpty() ? "" : tracker.target() + "=";
        options.add("--tracker " + quoted(device + tracker.tracker()));
      } else if (change instanceof RemedyChange.Release release) {
        options.add("--qemu-version " + release.profile().id());
      } else if (change instanceof RemedyChange.Set set && !WITHOUT_OPTION.contains(set.target())) {
        options.add("--set " + quoted(set.target() + "." + set.property() + "=" + set.value()));
      } else {
        return Optional.empty();
      }
    }
    return options.isEmpty() ? Optional.empty() : Optional.of(String.join(" ", options));
  }

  private static String quoted(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
