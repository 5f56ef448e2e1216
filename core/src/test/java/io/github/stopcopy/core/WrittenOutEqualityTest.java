package io.github.stopcopy.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.memory.DirtyLogMask;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Records whose comparison is written out compare by all they hold, and by nothing else. */
class WrittenOutEqualityTest {

  private static final AddressRange RANGE = new AddressRange(4, 7);

  /** Every value equals itself made once more, and no other of the list. */
  private static void assertDistinct(List<?> values, List<?> again) {
    for (int i = 0; i < values.size(); i++) {
      for (int j = 0; j < again.size(); j++) {
        assertThat(values.get(i).equals(again.get(j))).isEqualTo(i == j);
      }
      assertThat(values.get(i)).hasSameHashCodeAs(again.get(i)).isNotEqualTo("another type");
    }
    assertThat(values.stream().map(Object::hashCode).distinct()).hasSameSizeAs(values);
  }

  @Test
  void addresses() {
    assertDistinct(ranges(), ranges());
    assertDistinct(sizes(), sizes());
    assertDistinct(addresses("pcie.0"), addresses(new String("pcie.0")));
    assertThat(new AddressRange(4, 8).hashCode()).isEqualTo(31 * 4 + 8);
  }

  private static List<AddressRange> ranges() {
    return List.of(new AddressRange(4, 7), new AddressRange(3, 7), new AddressRange(4, 8));
  }

  private static List<ByteSize> sizes() {
    return List.of(new ByteSize(0, true), new ByteSize(0, false), new ByteSize(5, false));
  }

  private static List<PciAddress> addresses(String bus) {
    return List.of(
        new PciAddress(bus, 1, 2),
        new PciAddress("rp1", 1, 2),
        new PciAddress(bus, 2, 2),
        new PciAddress(bus, 1, 3));
  }

  @Test
  void memory() {
    assertDistinct(regions(), regions());
    assertDistinct(masks(), masks());
  }

  private static List<PlacedRegion> regions() {
    return List.of(
        new PlacedRegion("ram", RegionKind.RAM, RANGE, 0, false),
        new PlacedRegion("rom", RegionKind.RAM, RANGE, 0, false),
        new PlacedRegion("ram", RegionKind.IO, RANGE, 0, false),
        new PlacedRegion("ram", RegionKind.RAM, new AddressRange(4, 8), 0, false),
        new PlacedRegion("ram", RegionKind.RAM, RANGE, 1, false),
        new PlacedRegion("ram", RegionKind.RAM, RANGE, 0, true));
  }

  private static List<DirtyLogMask> masks() {
    return List.of(
        new DirtyLogMask(false, false, false),
        new DirtyLogMask(true, false, false),
        new DirtyLogMask(false, true, false),
        new DirtyLogMask(false, false, true));
  }
}
