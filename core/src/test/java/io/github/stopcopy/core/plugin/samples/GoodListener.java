package io.github.stopcopy.core.plugin.samples;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.spi.ListenerConfig;
import io.github.stopcopy.core.spi.MemoryListenerProvider;

/** A memory listener as it should be, with a name of one's choice. */
public final class GoodListener implements MemoryListenerProvider {

  private final String name;

  /** For ServiceLoader. */
  public GoodListener() {
    this("good-listener");
  }

  /** With another name. */
  public GoodListener(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return "a listener that is never opened";
  }

  @Override
  public MemoryListener open(ListenerConfig config) throws InputException {
    throw InputException.of("not today");
  }
}
