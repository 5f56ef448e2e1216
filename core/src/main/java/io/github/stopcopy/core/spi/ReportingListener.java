package io.github.stopcopy.core.spi;

import io.github.stopcopy.core.memory.MemoryListener;
import java.util.List;

/** A memory listener that has something to tell once the VM was played. */
public interface ReportingListener extends MemoryListener {

  /** What it saw, in lines for people; may be asked at any time and again. */
  List<String> report();
}
