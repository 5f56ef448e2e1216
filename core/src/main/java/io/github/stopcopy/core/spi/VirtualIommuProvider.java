package io.github.stopcopy.core.spi;

import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.property.PropertyValues;

/**
 * Makes a vIOMMU model: the SPI of the address spaces that devices see. What it must hold to is
 * written down as tests: extend {@code VirtualIommuContract} of the testkit.
 *
 * {@snippet file="IdleIommuProvider.java" region="viommu-provider"}
 */
public interface VirtualIommuProvider extends DeviceTypeProvider {

  /** No vIOMMU of QEMU can be plugged into a running VM. */
  @Override
  default boolean hotpluggable() {
    return false;
  }

  /**
   * Realizes the device.
   *
   * @param values its properties, read with {@link #properties}
   * @param machine the machine it is put into; it may keep it
   * @return the model, used on one thread only, or the error with which QEMU refuses
   */
  Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine);
}
