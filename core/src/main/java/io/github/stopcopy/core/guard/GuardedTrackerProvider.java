package io.github.stopcopy.core.guard;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.PluginFailure;
import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.TrackerConfig;

/** A tracker of somebody else, under the name it had when it came in. */
public final class GuardedTrackerProvider implements DirtyTrackerProvider {

  private final String name;
  private final DirtyTrackerProvider provider;
  private final PluginGuard guard;

  /** Guards a provider. */
  public GuardedTrackerProvider(String name, DirtyTrackerProvider provider, PluginWatch watch) {
    this.name = name;
    this.provider = provider;
    this.guard = new PluginGuard("dirty tracker " + name, watch);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return PluginText.oneLine(guard.call("description", provider::description));
  }

  /** Opens it; that it refuses a parameter is an answer and no failure. */
  @Override
  public DirtyTracker open(TrackerConfig config) throws InputException {
    try {
      return new GuardedTracker(guard.call("open", () -> provider.open(config)), guard);
    } catch (PluginFailure failure) {
      if (failure.getCause() instanceof InputException refused) {
        throw refused;
      }
      throw failure;
    }
  }
}
