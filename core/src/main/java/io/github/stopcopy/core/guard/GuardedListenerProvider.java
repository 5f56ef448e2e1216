package io.github.stopcopy.core.guard;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.PluginFailure;
import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.spi.ListenerConfig;
import io.github.stopcopy.core.spi.ListenerScope;
import io.github.stopcopy.core.spi.MemoryListenerProvider;
import java.util.Set;

/**
 * A memory listener of somebody else, under the name it had when it came in. What it opens only
 * looks on: whoever registers it guards its callbacks, and tells the {@link #watch} of them.
 */
public final class GuardedListenerProvider implements MemoryListenerProvider {

  private final String name;
  private final MemoryListenerProvider provider;
  private final PluginGuard guard;
  private final PluginWatch watch;

  /** Guards a provider. */
  public GuardedListenerProvider(String name, MemoryListenerProvider provider, PluginWatch watch) {
    this.name = name;
    this.provider = provider;
    this.guard = new PluginGuard("memory listener " + name, watch);
    this.watch = watch;
  }

  /** Is told of every call. */
  public PluginWatch watch() {
    return watch;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return guard.call("description", () -> PluginText.oneLine(provider.description()));
  }

  @Override
  public Set<ListenerScope> scopes() {
    return guard.call("scopes", () -> Set.copyOf(provider.scopes()));
  }

  /** Opens it; that it refuses a parameter is an answer and no failure. */
  @Override
  public MemoryListener open(ListenerConfig config) throws InputException {
    try {
      return guard.call("open", () -> provider.open(config));
    } catch (PluginFailure failure) {
      if (failure.getCause() instanceof InputException refused) {
        throw refused;
      }
      throw failure;
    }
  }
}
