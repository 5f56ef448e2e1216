package com.example.snippets;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.spi.ListenerConfig;
import io.github.stopcopy.core.spi.MemoryListenerProvider;

// @start region=listener-provider
/** Makes listeners that users call {@code ranges}. */
public final class MappedRangesProvider implements MemoryListenerProvider {

  @Override
  public String name() {
    return "ranges";
  }

  @Override
  public String description() {
    return "follows what each device can reach; no parameters";
  }

  @Override
  public MemoryListener open(ListenerConfig config) throws InputException {
    config.allowOnly();
    return new MappedRanges();
  }
}
// @end
