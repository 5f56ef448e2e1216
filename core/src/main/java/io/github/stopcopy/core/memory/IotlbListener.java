package io.github.stopcopy.core.memory;

/**
 * Gets what an {@link IommuNotifier} hears of. Called on the model's thread.
 *
 * @see IommuNotifier#ofRuns
 */
@FunctionalInterface
public interface IotlbListener {

  /** A translation came or went. */
  void changed(IotlbEntry entry);

  /** Translations came or went one after the other; this default takes them one by one. */
  default void changed(IotlbRun run) {
    run.forEach(event -> changed(event.entry()));
  }
}
