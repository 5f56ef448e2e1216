package io.github.stopcopy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.dirty.RangeCoalescing;
import java.util.ArrayList;
import java.util.List;

/** Any ranges, in any order, made fewer in one pass as the kernel makes them step for step. */
class RangeCoalescingFuzz {

  @FuzzTest(maxDuration = "30s")
  void R_DT_42_R_DT_45_onePassIsWhatTheKernelDoes(FuzzedDataProvider data) {
    int most = data.consumeInt(-1, 40);
    boolean apart = data.consumeBoolean();
    List<AddressRange> ranges = new ArrayList<>();
    while (data.remainingBytes() > 0 && ranges.size() < 200) {
      AddressRange range = anyRange(data);
      if (!apart || ranges.stream().noneMatch(range::overlaps)) {
        ranges.add(range);
      }
    }
    boolean refused = most < 1 || overlap(ranges);
    try {
      List<AddressRange> coalesced = RangeCoalescing.coalesce(ranges, most);
      assertThat(refused).isFalse();
      assertThat(coalesced).isEqualTo(RangeCoalescing.asKernel(ranges, most));
      assertThat(coalesced).hasSize(Math.min(most, ranges.size()));
      for (AddressRange range : ranges) {
        assertThat(coalesced).anyMatch(joined -> joined.contains(range));
      }
    } catch (IllegalArgumentException why) {
      assertThat(refused).as(why.getMessage()).isTrue();
    }
  }

  private static boolean overlap(List<AddressRange> ranges) {
    for (int i = 1; i < ranges.size(); i++) {
      if (ranges.subList(0, i).stream().anyMatch(ranges.get(i)::overlaps)) {
        return true;
      }
    }
    return false;
  }

  private static AddressRange anyRange(FuzzedDataProvider data) {
    long first = data.consumeBoolean() ? data.consumeLong() : data.consumeByte();
    long more = data.consumeLong(0, 1L << data.consumeInt(0, 60));
    return new AddressRange(first, U64.addSaturated(first, more));
  }
}
