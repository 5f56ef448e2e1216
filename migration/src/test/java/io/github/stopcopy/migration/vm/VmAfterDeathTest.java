package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.spi.ActionResult;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.migration.TestVm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Once QEMU has ended nothing happens any more, and before it began nothing can be asked. */
class VmAfterDeathTest {

  private final List<ModelEvent> events = new ArrayList<>();

  private Vm vm(VmConfig config, HostFacts host) throws Exception {
    return Vm.builder(config)
        .profile(TestVm.SEED)
        .host(host)
        .plugins(plugins())
        .events(events::add)
        .build();
  }

  private void assertDead(Vm vm) throws Exception {
    events.clear();
    int exitCode = vm.exitCode().orElseThrow();

    assertThat(vm.deviceAdd(vfio(B)).orElseThrow().text()).isEqualTo("QEMU has ended");
    assertThat(vm.deviceDel("v1", true).orElseThrow().text()).isEqualTo("QEMU has ended");
    assertThat(vm.memoryAdd("d1", GIB, Optional.empty()).orElseThrow().text())
        .isEqualTo("QEMU has ended");
    assertThat(vm.migrate(Set.of(), false).orElseThrow().finding().code()).isEqualTo("NOT_NOW");
    assertThat(vm.guest(new GuestAction.Enable()))
        .isEqualTo(new ActionResult.Unsupported("QEMU has ended"));
    vm.finishMigration();
    vm.cancelMigration();

    assertThat(events).isEmpty();
    assertThat(vm.migrationStatus().qapiName()).isEqualTo("none");
    assertThat(vm.exitCode()).hasValue(exitCode);
  }

  @Test
  void afterARefusedDevice() throws Exception {
    Vm vm = vm(q35(intel(), vfio(A, "enable-migration=on")), HostFacts.CAPABLE);
    vm.boot();

    assertThat(vm.exitCode()).hasValue(1);
    assertThat(vm.endedBy().orElseThrow().finding().code()).isEqualTo("VIOMMU_PRESENT");
    assertDead(vm);
  }

  @Test
  void afterAnAbort() throws Exception {
    HostContainer full = HostContainer.builder().dmaAvailable(1).build();
    Vm vm = vm(q35(vfio(A)), TestVm.host(full, Map.of()));
    vm.boot();
    assertThat(vm.exitCode()).isEmpty();

    assertThat(vm.memoryAdd("d0", GIB, Optional.empty())).isEmpty();
    assertThat(vm.exitCode()).hasValue(-6);
    assertThat(vm.endedBy()).isEmpty();
    assertDead(vm);
  }

  @Test
  void aVmBootsOnceAndFirst() throws Exception {
    Vm vm = vm(q35(vfio(A)), HostFacts.CAPABLE);

    assertThatThrownBy(() -> vm.migrate(Set.of(), false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the VM is not booted yet");
    vm.boot();
    assertThatThrownBy(vm::boot)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the VM was booted before");
  }
}
