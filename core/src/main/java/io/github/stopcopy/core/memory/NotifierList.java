package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.error.QemuError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The notifiers of an IOMMU region, newest first (R-AS-83, R-AS-84). Not thread-safe. */
@SuppressWarnings("ReferenceEquality") // a notifier is who it is
final class NotifierList {

  private final String region;
  private final IommuModel model;
  private final List<IommuNotifier> notifiers = new ArrayList<>();

  NotifierList(String region, IommuModel model) {
    this.region = region;
    this.model = model;
  }

  List<IommuNotifier> all() {
    return Collections.unmodifiableList(notifiers);
  }

  Optional<QemuError> register(IommuNotifier notifier) {
    if (notifiers.stream().anyMatch(other -> other == notifier)) {
      throw new IllegalStateException("the notifier is registered on " + region + " already");
    }
    NotifierFlags before = flags();
    notifiers.add(0, notifier);
    NotifierFlags after = flags();
    if (before.equals(after)) {
      return Optional.empty();
    }
    Optional<QemuError> refused = model.notifierFlagsChanged(before, after);
    refused.ifPresent(error -> notifiers.removeIf(other -> other == notifier));
    return refused;
  }

  void unregister(IommuNotifier notifier) {
    NotifierFlags before = flags();
    if (notifiers.removeIf(other -> other == notifier)) {
      NotifierFlags after = flags();
      if (!before.equals(after)) {
        model.notifierFlagsChanged(before, after);
      }
    }
  }

  void deliver(IotlbEvent event) {
    for (IommuNotifier notifier : List.copyOf(notifiers)) {
      notifier.deliver(event);
    }
  }

  /** A run at once if that changes no order: if one notifier hears of it. */
  void deliver(IotlbRun run) {
    IommuNotifier only = null;
    for (IommuNotifier notifier : notifiers) {
      if (notifier.overlaps(run.first().entry().iova(), run.lastIova())) {
        if (only != null) {
          run.forEach(this::deliver);
          return;
        }
        only = notifier;
      }
    }
    if (only != null) {
      only.deliver(run);
    }
  }

  private NotifierFlags flags() {
    NotifierFlags union = NotifierFlags.NONE;
    for (IommuNotifier notifier : notifiers) {
      union = union.or(notifier.flags());
    }
    return union;
  }
}
