package com.example.viommu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.testkit.VirtualIommuContract;
import org.junit.jupiter.api.Test;

/**
 * All that a vIOMMU must hold to is in the contract; here is its name, by which {@code -device}
 * finds it.
 */
class ToyIommuTest extends VirtualIommuContract {

  @Override
  protected VirtualIommuProvider provider() {
    return new ToyIommuProvider();
  }

  @Test
  void itIsADeviceTypeOfItsOwn() {
    assertEquals("toy-iommu", provider().name());
  }
}
