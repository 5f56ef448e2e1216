package io.github.stopcopy.migration.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.event.MigrationEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When a migration has dirty pages logged, collected and logged no more (R-MIG-20, R-AS-72). */
class OutgoingMigrationLogTest {

  private final List<String> course = new ArrayList<>();
  private final GuestMemory memory = new GuestMemory(false, false);
  private final OutgoingMigration migration =
      new OutgoingMigration(memory, this::note, MigrationBehaviour.of(QemuProfile.V10_2));

  OutgoingMigrationLogTest() {
    MemoryRegion root = memory.container("system", ByteSize.WHOLE_SPACE);
    root.add(0, memory.ram("ram", ByteSize.of(0x100000)));
    memory.register(
        new MemoryListener() {
          @Override
          public Optional<QemuError> logGlobalStart() {
            course.add("log");
            return Optional.empty();
          }

          @Override
          public void logSync(MemorySection section) {
            course.add("sync");
          }

          @Override
          public void logGlobalStop() {
            course.add("log no more");
          }
        },
        memory.addressSpace("memory", root));
  }

  private void note(ModelEvent event) {
    if (event instanceof MigrationEvent.StatusChanged changed) {
      course.add(changed.after().qapiName());
    } else if (event instanceof MigrationEvent.VmRunning running) {
      course.add(running.running() ? "run" : "stop");
    }
  }

  @Test
  void R_MIG_20_pagesAreCollectedBeforeAndAfterTheVmStops() {
    migration.runVm();
    migration.start(MigrationMode.NORMAL, false, List.of());
    course.clear();

    migration.complete();

    assertThat(course).containsExactly("sync", "stop", "sync", "completed");
  }

  @Test
  void R_AS_72_theLogOfACompletedMigrationEndsWhenTheVmRunsAgain() {
    migration.runVm();
    migration.start(MigrationMode.NORMAL, false, List.of());
    migration.complete();
    assertThat(memory.isDirtyLogOn()).as("while the VM is stopped").isTrue();
    course.clear();

    migration.runVm();

    assertThat(course).containsExactly("run", "log no more");
    assertThat(memory.isDirtyLogOn()).isFalse();
  }

  @Test
  void R_AS_72_theLogOfACancelledMigrationEndsAtOnce() {
    migration.runVm();
    migration.start(MigrationMode.NORMAL, false, List.of());
    course.clear();

    migration.cancel();

    assertThat(course).containsExactly("cancelling", "log no more", "cancelled");
  }

  @Test
  void R_MIG_20_aMigrationThatIsOverIsNotCompletedAgain() {
    migration.runVm();
    migration.start(MigrationMode.NORMAL, false, List.of());
    migration.complete();
    course.clear();

    migration.complete();

    assertThat(course).isEmpty();
  }
}
