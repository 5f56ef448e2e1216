package io.github.stopcopy.core.spi;

/**
 * How far a vIOMMU could translate.
 *
 * @param canTranslate whether the guest can turn DMA translation on at all
 * @param addressBits the width of I/O virtual addresses in bits
 * @param lastIova the highest I/O virtual address, inclusive (R-VIO-60)
 */
public record IovaLimits(boolean canTranslate, int addressBits, long lastIova) {

  /**
   * Limits of so many bits.
   *
   * @throws IllegalArgumentException if they are not 1 to 64
   */
  public static IovaLimits ofBits(boolean canTranslate, int addressBits) {
    if (addressBits < 1 || addressBits > 64) {
      throw new IllegalArgumentException(addressBits + " address bits, expected 1 to 64");
    }
    return new IovaLimits(canTranslate, addressBits, -1L >>> (64 - addressBits));
  }
}
