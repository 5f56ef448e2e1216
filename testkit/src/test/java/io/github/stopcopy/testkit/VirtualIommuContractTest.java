package io.github.stopcopy.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract of vIOMMUs passes a simple one and fails those that break a promise. */
class VirtualIommuContractTest {

  private static SimpleIommu.Fault fault = SimpleIommu.Fault.NONE;

  private record SimpleProvider(SimpleIommu.Fault fault) implements VirtualIommuProvider {
    @Override
    public String name() {
      return "simple-iommu";
    }

    @Override
    public PropertySchema properties(QemuProfile profile) {
      return new PropertySchema("simple-iommu", List.of());
    }

    @Override
    public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
      return Result.ok(new SimpleIommu(machine, fault));
    }
  }

  @Nested
  class Honest extends VirtualIommuContract {
    @Override
    protected VirtualIommuProvider provider() {
      return new SimpleProvider(SimpleIommu.Fault.NONE);
    }
  }

  /** Not run on its own: it fails. */
  static class Lying extends VirtualIommuContract {
    @Override
    protected VirtualIommuProvider provider() {
      return new SimpleProvider(fault);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GIVES_THE_SYSTEM, aDeviceHasOneAddressSpaceOfItsOwn",
    "SHARES_A_SPACE, devicesDoNotShareAnAddressSpace",
    "MAKES_A_SPACE_EACH_TIME, aDeviceHasOneAddressSpaceOfItsOwn",
    "LIES_ABOUT_LIMITS, limitsAreConsistent",
    "THROWS_IF_UNSUPPORTED, anUnsupportedActionIsAnAnswer",
    "MAPS_WHAT_IT_DOES_NOT_SUPPORT, anUnsupportedMapMapsNothing",
    "LOSES_A_MAP, randomMapsAndUnmaps",
    "LOSES_AN_UNMAP, mapsAndUnmapsAreAnnounced",
    "ANNOUNCES_AGAIN, mapsAndUnmapsAreAnnounced",
    "REPLAYS_NOTHING, aReplayIsExact",
    "LEADS_NOWHERE, mapsAndUnmapsAreAnnounced",
    "SHARES_TABLES, mappingsBelongToADevice",
    "STAYS_TRANSLATED, withoutTranslationADeviceSeesSystemMemory",
    "IS_RANDOM, theSameActionsHaveTheSameEffects",
  })
  void theContractFailsForEveryFault(SimpleIommu.Fault injected, String expected) {
    fault = injected;

    assertThat(ContractRun.of(Lying.class).failed()).containsKey(expected);
  }
}
