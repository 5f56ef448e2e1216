package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.migration.MigrationStatus;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A migration whose dirty pages somebody collects, iteration by iteration. */
class VmDirtyPagesTest {

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_DT_60_everyIterationCollectsWhatWasWrittenSince(QemuProfile profile) throws Exception {
    Vm vm = Vm.builder(q35(vfio(A))).profile(profile).plugins(plugins()).build();
    vm.boot();
    assertThat(vm.migrate(Set.of(), true)).isEmpty();
    VfioDevice device = vm.vfioDevices().get(0);
    DirtyLog log = vm.ramDirtyLog().pages();
    DirtyBitmap migration = new DirtyBitmap(0x80000);
    AddressRange ram = new AddressRange(0, 0x7fffffffL);

    device.dmaWrite(new AddressRange(0x5000, 0x6fff));
    assertThat(log.isEmpty()).as("before the sync").isTrue();
    vm.syncDirtyPages();
    log.collect(ram, 4096, migration);
    assertThat(migration.count()).isEqualTo(2);

    device.dmaWrite(new AddressRange(0x7fffffffL, 0x7fffffffL));
    vm.syncDirtyPages();
    log.collect(ram, 4096, migration);
    assertThat(migration.count()).isEqualTo(3);
    assertThat(migration.isDirty(0x7ffff)).isTrue();
    assertThat(log.isEmpty()).isTrue();

    device.dmaWrite(new AddressRange(0, 0));
    vm.finishMigration();
    assertThat(vm.migrationStatus()).isEqualTo(MigrationStatus.COMPLETED);
    assertThat(log.dirtyRanges()).as("found at completion").hasSize(1);
  }
}
