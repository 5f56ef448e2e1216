package com.example.listener;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.spi.ListenerConfig;
import io.github.stopcopy.core.spi.MemoryListenerProvider;

/**
 * Makes listeners that tell how much of what a device reaches lies in huge pages. The command finds
 * it by the file {@code META-INF/services/io.github.stopcopy.core.spi.MemoryListenerProvider},
 * which names this class.
 */
public final class HugePagesProvider implements MemoryListenerProvider {

  @Override
  public String name() {
    return "huge-pages";
  }

  @Override
  public String description() {
    return "how much RAM each device reaches in whole huge pages; page-size=SIZE, 2M by default";
  }

  @Override
  public MemoryListener open(ListenerConfig config) throws InputException {
    config.allowOnly("page-size");
    return new HugePagesListener(config.pageSize("page-size", 2 << 20));
  }
}
