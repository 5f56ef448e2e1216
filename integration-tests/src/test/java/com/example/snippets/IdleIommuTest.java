package com.example.snippets;

import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.testkit.VirtualIommuContract;
import java.util.List;

// @start region=viommu-contract
class IdleIommuTest extends VirtualIommuContract {

  @Override
  protected VirtualIommuProvider provider() {
    return new IdleIommuProvider();
  }

  @Override
  protected List<String> settings() {
    return List.of("intremap=on");
  }
}
// @end
