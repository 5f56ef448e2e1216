package io.github.stopcopy.core.plugin.samples;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.spi.ListenerConfig;
import io.github.stopcopy.core.spi.MemoryListenerProvider;

/** Takes the name of {@link GoodListener}. */
public final class SameNameListener implements MemoryListenerProvider {

  @Override
  public String name() {
    return "good-listener";
  }

  @Override
  public String description() {
    return "another of the same name";
  }

  @Override
  public MemoryListener open(ListenerConfig config) throws InputException {
    throw InputException.of("not today");
  }
}
