package io.github.stopcopy.core.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Ranges with inclusive ends, and sizes up to 2^64. */
class AddressRangeTest {

  private static final AddressRange ALL = new AddressRange(0, U64.MAX);

  @Test
  void theWholeSpaceIsARange() {
    assertThat(ALL.size()).isEqualTo(ByteSize.WHOLE_SPACE);
    assertThat(AddressRange.ofSize(0, ByteSize.WHOLE_SPACE)).isEqualTo(ALL);
    assertThat(ALL).hasToString("[0x0,0xffffffffffffffff]");
    assertThat(ALL.contains(U64.MAX)).isTrue();
  }

  @Test
  void aRangeIsNeverEmptyOrReversed() {
    assertThat(new AddressRange(7, 7).size()).isEqualTo(ByteSize.of(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AddressRange(U64.MAX, 0))
        .withMessage("range ends at 0x0, before its start 0xffffffffffffffff");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AddressRange.ofSize(0x1000, ByteSize.ZERO))
        .withMessage("no range of 0x0 bytes from 0x1000");
  }

  @Test
  void aRangeEndsAtTheEndOfTheSpace() {
    assertThat(AddressRange.ofSize(-0x1000L, ByteSize.of(0x1000)).last()).isEqualTo(U64.MAX);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AddressRange.ofSize(-0x1000L, ByteSize.of(0x1001)))
        .withMessage("no range of 0x1001 bytes from 0xfffffffffffff000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AddressRange.ofSize(1, ByteSize.WHOLE_SPACE))
        .withMessage("no range of 0x10000000000000000 bytes from 0x1");
  }

  @Test
  void containsAndOverlapsAsUnsigned() {
    AddressRange high = new AddressRange(Long.MIN_VALUE, U64.MAX);
    AddressRange low = new AddressRange(0, Long.MAX_VALUE);
    assertThat(high.contains(-5)).isTrue();
    assertThat(high.contains(5)).isFalse();
    assertThat(high.overlaps(low)).isFalse();
    assertThat(ALL.contains(high)).isTrue();
    assertThat(high.contains(ALL)).isFalse();
    assertThat(low.contains(low)).isTrue();
    assertThat(low.overlaps(new AddressRange(Long.MAX_VALUE, U64.MAX))).isTrue();
  }

  @Test
  void sizesReachTwoToSixtyFour() {
    assertThat(ByteSize.WHOLE_SPACE.lastOffset()).isEqualTo(U64.MAX);
    assertThat(ByteSize.WHOLE_SPACE.isZero()).isFalse();
    assertThat(ByteSize.WHOLE_SPACE).hasToString("0x10000000000000000");
    assertThat(ByteSize.of(U64.MAX)).hasToString("0xffffffffffffffff");
    assertThat(ByteSize.ofLastOffset(U64.MAX)).isEqualTo(ByteSize.WHOLE_SPACE);
    assertThat(ByteSize.ofLastOffset(0)).isEqualTo(ByteSize.of(1));
    assertThat(ByteSize.ofLastOffset(U64.MAX - 1)).isEqualTo(ByteSize.of(U64.MAX));
    assertThat(ByteSize.of(0)).isSameAs(ByteSize.ZERO);
  }

  @Test
  void thereIsOneFormOfEachSize() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ByteSize(1, true))
        .withMessage("more than 2^64 bytes");
    assertThatIllegalStateException()
        .isThrownBy(ByteSize.ZERO::lastOffset)
        .withMessage("an empty range has no last byte");
  }

  @Test
  void disjointRangesHoldTheSameAddresses() {
    assertThat(
            AddressRange.disjoint(
                List.of(
                    new AddressRange(0x8000000000000000L, -1L),
                    new AddressRange(0x3000, 0x3fff),
                    new AddressRange(0x1000, 0x4fff),
                    new AddressRange(0x5000, 0x5fff),
                    new AddressRange(-2L, -1L))))
        .containsExactly(
            new AddressRange(0x1000, 0x4fff),
            new AddressRange(0x5000, 0x5fff),
            new AddressRange(0x8000000000000000L, -1L));
    assertThat(AddressRange.disjoint(List.of())).isEmpty();
  }

  @Test
  void piecesAreAlignedPowersOfTwo() {
    assertThat(ALL.alignedPieces()).containsExactly(ALL);
    assertThat(new AddressRange(0x401000, 0x404fff).alignedPieces())
        .containsExactly(
            new AddressRange(0x401000, 0x401fff),
            new AddressRange(0x402000, 0x403fff),
            new AddressRange(0x404000, 0x404fff));
    assertThat(new AddressRange(0x500000, 0x506fff).alignedPieces())
        .containsExactly(
            new AddressRange(0x500000, 0x503fff),
            new AddressRange(0x504000, 0x505fff),
            new AddressRange(0x506000, 0x506fff));
    assertThat(new AddressRange(1, U64.MAX).alignedPieces())
        .hasSize(64)
        .startsWith(new AddressRange(1, 1))
        .endsWith(new AddressRange(1L << 63, U64.MAX));
    assertThat(new AddressRange(1, U64.MAX - 1).alignedPieces()).hasSize(126);
  }
}
