package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a vIOMMU loses of what a container tracks (R-OBS-116, R-OBS-117). */
class ConditionsTest {

  /** Stands for a vIOMMU by its name; whether its guest can translate DMA is what counts. */
  private record Named(String name, boolean canTranslate) implements VirtualIommuProvider {
    @Override
    public PropertySchema properties(QemuProfile profile) {
      return new PropertySchema(name, List.of());
    }

    @Override
    public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
      return Result.ok(new Empty(machine, canTranslate));
    }
  }

  private record Empty(MachineFacts machine, boolean canTranslate) implements VirtualIommu {
    @Override
    public AddressSpace addressSpace(PciAddress requester) {
      return machine
          .memory()
          .addressSpace("empty", machine.memory().container("empty", ByteSize.WHOLE_SPACE));
    }

    @Override
    public ActionResult guest(GuestAction action) {
      return new ActionResult.Unsupported("it never translates");
    }

    @Override
    public IovaLimits limits() {
      return IovaLimits.ofBits(canTranslate, 48);
    }
  }

  private static List<String> codes(Named viommu) throws Exception {
    return MigrationCheck.of(
            scenario(
                V11,
                q35(
                    device(viommu.name(), "i"),
                    vfio(A, "enable-migration=on", "x-device-dirty-page-tracking=off")),
                HostFacts.CAPABLE,
                migrate()))
        .plugins(Plugins.of(List.of(new VfioPciProvider(), viommu)))
        .ruleSets(RuleSets.of(List.of()))
        .decide()
        .reasons()
        .stream()
        .map(Reason::code)
        .toList();
  }

  @Test
  void R_OBS_116_onlyWhereTheGuestCanTranslateOrAlwaysDoesSomethingIsLost() throws Exception {
    assertThat(codes(new Named("virtio-iommu-pci", true)))
        .containsExactly("VIRTIO_IOMMU_LOSES_DIRTY_PAGES");
    assertThat(codes(new Named("amd-iommu", true))).containsExactly("AMD_IOMMU_LOSES_DIRTY_PAGES");
    assertThat(codes(new Named("amd-iommu", false))).isEmpty();
    assertThat(codes(new Named("other-iommu", true))).isEmpty();
  }
}
