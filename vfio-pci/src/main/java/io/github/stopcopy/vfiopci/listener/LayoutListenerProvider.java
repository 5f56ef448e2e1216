package io.github.stopcopy.vfiopci.listener;

import com.google.auto.service.AutoService;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.spi.ListenerConfig;
import io.github.stopcopy.core.spi.MemoryListenerProvider;

/** What each device could reach, at first, after every change and in the end. */
@BuiltIn
@AutoService(MemoryListenerProvider.class)
public final class LayoutListenerProvider implements MemoryListenerProvider {

  @Override
  public String name() {
    return "layout";
  }

  @Override
  public String description() {
    return "tells what each device could reach over time, with what appeared and went";
  }

  @Override
  public MemoryListener open(ListenerConfig config) throws InputException {
    config.allowOnly();
    return new LayoutListener();
  }
}
