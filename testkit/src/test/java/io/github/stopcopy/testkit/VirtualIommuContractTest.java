package io.github.stopcopy.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
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

  /** Not run on its own. */
  static class Idle extends VirtualIommuContract {
    @Override
    protected VirtualIommuProvider provider() {
      return new IdleProvider();
    }
  }

  private record IdleProvider() implements VirtualIommuProvider {
    @Override
    public String name() {
      return "idle-iommu";
    }

    @Override
    public PropertySchema properties(QemuProfile profile) {
      return new PropertySchema("idle-iommu", List.of());
    }

    @Override
    public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
      return Result.ok(new Interrupts(machine, new HashMap<>()));
    }
  }

  private record Interrupts(MachineFacts machine, Map<PciAddress, AddressSpace> spaces)
      implements VirtualIommu {
    @Override
    public AddressSpace addressSpace(PciAddress requester) {
      MemoryRegion system = machine.system().root();
      return spaces.computeIfAbsent(
          requester,
          device ->
              machine
                  .memory()
                  .addressSpace("idle", machine.memory().alias("idle", system, 0, system.size())));
    }

    @Override
    public ActionResult guest(GuestAction action) {
      return new ActionResult.Unsupported("it translates nothing");
    }

    @Override
    public IovaLimits limits() {
      return IovaLimits.ofBits(false, 48);
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
    "GIVES_THE_SYSTEM, aDeviceHasOneAddressSpaceOfItsOwn, addressSpace()",
    "SHARES_A_SPACE, devicesDoNotShareAnAddressSpace, addressSpace()",
    "MAKES_A_SPACE_EACH_TIME, aDeviceHasOneAddressSpaceOfItsOwn, addressSpace()",
    "LIES_ABOUT_LIMITS, limitsAreConsistent, limits()",
    "THROWS_IF_UNSUPPORTED, anUnsupportedActionIsAnAnswer, guest(",
    "MAPS_WHAT_IT_DOES_NOT_SUPPORT, anUnsupportedMapMapsNothing, guest(Map",
    "LOSES_A_MAP, randomMapsAndUnmaps, guest(Map)",
    "LOSES_AN_UNMAP, mapsAndUnmapsAreAnnounced, guest(Unmap)",
    "ANNOUNCES_AGAIN, mapsAndUnmapsAreAnnounced, guest(Invalidate)",
    "REPLAYS_NOTHING, aReplayIsExact, replay()",
    "LEADS_NOWHERE, mapsAndUnmapsAreAnnounced, guest(Map)",
    "SHARES_TABLES, mappingsBelongToADevice, guest(Map)",
    "STAYS_TRANSLATED, withoutTranslationADeviceSeesSystemMemory, guest(Disable",
    "PLAYS_THE_OTHER_KIND, actionsOfTheOtherKindAreUnsupported, guest(Attach",
    "CUTS_IOVA_TO_32_BITS, mapsLieAnywhere, Map[",
    "CUTS_GUEST_ADDRESS_TO_31_BITS, theEndsOfMemoryAreMapped, guest(Map)",
    "MAPS_32_PAGES_AT_MOST, aLongMapIsAnnouncedWhole, guest(Map) of 33 pages",
    "UNMAPS_32_PAGES_AT_MOST, aLongMapIsAnnouncedWhole, guest(Unmap) of 33 pages",
    "LOSES_LAST_PAGE_OF_RAM, theEndsOfMemoryAreMapped, guest(Map)",
    "LOSES_RAM_ABOVE_1_TIB, mapsLieAnywhere, Map[",
    "LOSES_LAST_PAGE_OF_ADDRESSES, theEndsOfMemoryAreMapped, guest(Map)",
    "TELLS_NEWEST_NOTIFIER_ONLY, everyNotifierIsTold, three notifiers",
    "TELLS_FIRST_NOTIFIER_ONLY, everyNotifierIsTold, three notifiers",
    "ANNOUNCES_READ_ONLY, mapsAndUnmapsAreAnnounced, guest(Map)",
    "REPLAYS_READ_ONLY, aReplayIsExact, replay()",
    "TRANSLATES_READ_ONLY, mapsLieAnywhere, translate()",
    "IS_RANDOM, theSameActionsHaveTheSameEffects, guest(SetRoot",
  })
  void theContractFailsForEveryFaultAndNamesTheMethodToLookAt(
      SimpleIommu.Fault injected, String expected, String method) {
    fault = injected;

    assertThat(ContractRun.of(Lying.class, expected).failed())
        .hasEntrySatisfying(expected, message -> assertThat(message).contains(method));
  }

  /** A vIOMMU that only remaps interrupts. */
  @Test
  void oneThatCannotTranslatePassesAsItIs() {
    ContractRun run = ContractRun.of(Idle.class);

    assertThat(run.failed()).isEmpty();
    assertThat(run.skipped()).contains("aReplayIsExact", "mappingsBelongToADevice");
  }

  @Test
  void oneThatTranslatesAndSaysItCannotIsFound() {
    fault = SimpleIommu.Fault.DENIES_THAT_IT_TRANSLATES;

    assertThat(ContractRun.of(Lying.class).failed())
        .hasEntrySatisfying(
            "anUnsupportedActionIsAnAnswer",
            message -> assertThat(message).contains("playsGuestActions()", "limits()"));
  }
}
