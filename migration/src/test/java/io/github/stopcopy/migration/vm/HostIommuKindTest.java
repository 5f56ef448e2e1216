package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.HostFactsBuilder;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a vIOMMU is told of the host's: which kind it is follows from the processor's vendor. */
class HostIommuKindTest {

  private static final String NAME = "noting-iommu";

  private final List<Boolean> told = new ArrayList<>();

  private final class Noting implements VirtualIommuProvider {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public PropertySchema properties(QemuProfile profile) {
      return new PropertySchema(NAME, List.of());
    }

    @Override
    public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
      return Result.ok(
          new VirtualIommu() {
            @Override
            public AddressSpace addressSpace(PciAddress requester) {
              return machine
                  .memory()
                  .addressSpace(NAME, machine.memory().container(NAME, ByteSize.WHOLE_SPACE));
            }

            @Override
            public Optional<QemuError> attach(PciAddress device, HostIommu host) {
              told.add(host.vtd());
              return Optional.empty();
            }

            @Override
            public ActionResult guest(GuestAction action) {
              return new ActionResult.Unsupported("it never translates");
            }

            @Override
            public IovaLimits limits() {
              return IovaLimits.ofBits(false, 48);
            }
          });
    }
  }

  private void boot(HostFactsBuilder host) throws Exception {
    VmConfig vm =
        q35()
            .object(new ObjectConfig("iommufd", "iommufd0", Map.of()))
            .devices(List.of(device(NAME, "i"), vfio(A, "iommufd=iommufd0")))
            .build();
    Vm.builder(vm)
        .profile(V11)
        .host(host.accelerator(Accelerator.KVM).build())
        .plugins(Plugins.of(List.of(new VfioPciProvider(), new Noting())))
        .build()
        .boot();
  }

  /** Where nobody says which processor the host has it is taken for Intel's. */
  @Test
  void onlyAProcessorOfIntelHasVtd() throws Exception {
    boot(HostFacts.builder());
    boot(HostFacts.builder().cpuVendor("GenuineIntel"));
    boot(HostFacts.builder().cpuVendor("AuthenticAMD"));

    assertThat(told).containsExactly(true, true, false);
  }
}
