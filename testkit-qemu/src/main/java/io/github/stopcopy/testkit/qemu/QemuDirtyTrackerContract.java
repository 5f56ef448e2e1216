package io.github.stopcopy.testkit.qemu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.standin.QemuBinary;
import io.github.stopcopy.standin.StandinLibrary;
import io.github.stopcopy.standin.StandinSession;
import io.github.stopcopy.standin.TrackedMigration;
import io.github.stopcopy.standin.TrackedResult;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A {@link DirtyTracker} behind the devices of a real QEMU: while they write into the guest's RAM
 * the VM is migrated, and no byte may be missing at the destination. Extend it in a test and say
 * how a tracker is opened:
 *
 * {@snippet file="QemuLogTrackerTest.java" region="qemu-contract"}
 *
 * <p>It needs a QEMU from 8.1 on for x86-64 and a C compiler, and is skipped where either is not
 * there, with a line that says so; a QEMU that is named by the system property {@value
 * #QEMU_PROPERTY} or the variable {@code STOPCOPY_QEMU} must work. Each migration takes one to
 * three seconds and prints a line. {@value #MIGRATIONS_PROPERTY} and {@value #WRITES_PROPERTY} make
 * it longer, {@code stopcopy.seed} is the seed of the first migration.
 *
 * <p>What {@code DirtyTrackerContract} of the other testkit finds in milliseconds it mostly does
 * not: reports here come as QEMU asks for them, in 4096-byte pages over the RAM of one small PC.
 */
public abstract class QemuDirtyTrackerContract {

  /** The system property that holds the path or name of the QEMU. */
  public static final String QEMU_PROPERTY = "stopcopy.qemu";

  /** The system property that holds how many migrations each case plays, 1 if it is not set. */
  public static final String MIGRATIONS_PROPERTY = "stopcopy.qemu.migrations";

  /** The system property that holds how many writes each migration has, 10000 if it is not set. */
  public static final String WRITES_PROPERTY = "stopcopy.qemu.writes";

  private static final String SEED_PROPERTY = "stopcopy.seed";
  private static final int MINUTES = 60;

  /**
   * Opens a new tracker that logs nothing yet; one is open for each device.
   *
   * @throws InputException if the tracker refuses its parameters
   */
  protected abstract DirtyTracker open(TrackerConfig config) throws InputException;

  /**
   * The QEMU to play on, which then must work: by default that of {@value #QEMU_PROPERTY}, else
   * that of the variable {@code STOPCOPY_QEMU}.
   *
   * @return its path or name; empty: {@code qemu-system-x86_64} on the path, if there is one
   */
  protected Optional<String> qemu() {
    return Optional.ofNullable(System.getProperty(QEMU_PROPERTY))
        .or(() -> Optional.ofNullable(System.getenv("STOPCOPY_QEMU")));
  }

  /** How many writes each migration has; by default those of {@value #WRITES_PROPERTY}. */
  protected int writes() {
    return Integer.getInteger(WRITES_PROPERTY, TrackedMigration.USUAL_WRITES);
  }

  @Test
  @DisplayName("no byte is lost in a migration of a real QEMU")
  @Timeout(value = MINUTES, unit = TimeUnit.MINUTES)
  void noByteIsLost() throws Exception {
    play(false);
  }

  @Test
  @DisplayName("no byte is lost in a migration of a real QEMU whose devices are on iommufd")
  @Timeout(value = MINUTES, unit = TimeUnit.MINUTES)
  void noByteIsLostOnIommufd() throws Exception {
    play(true);
  }

  private void play(boolean iommufd) throws InputException, IOException {
    try (StandinSession session = StandinSession.open()) {
      Thread hook = new Thread(session::close, "end of a QEMU test");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        play(session, iommufd);
      } finally {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
  }

  private void play(StandinSession session, boolean iommufd) throws InputException, IOException {
    QemuBinary binary;
    StandinLibrary library;
    try {
      String program = qemu().orElse("qemu-system-x86_64");
      binary = QemuBinary.probe(program, Optional.empty(), session);
      library = StandinLibrary.inUserCache();
    } catch (InputException missing) {
      if (qemu().isPresent()) {
        throw missing;
      }
      System.out.println("skipped: " + missing.getMessage());
      Assumptions.abort(missing.getMessage());
      return;
    }
    boolean canIommufd = binary.profile().isFrom(QemuProfile.V9_0);
    Assumptions.assumeTrue(canIommufd || !iommufd, "this QEMU has no iommufd");
    long first = Long.getLong(SEED_PROPERTY, 1);
    long end = first + Integer.getInteger(MIGRATIONS_PROPERTY, 1);
    for (long seed = first; seed < end; seed++) {
      TrackedResult result =
          TrackedMigration.of(session, binary, library, this::open)
              .writes(writes())
              .iommufd(iommufd)
              .seed(seed)
              .run();
      System.out.println(getClass().getSimpleName() + (iommufd ? ", iommufd, " : ", ") + result);
      assertTrue(
          result.isLossless(),
          () -> "replay with -D" + SEED_PROPERTY + "=" + result.seed() + ": " + result);
    }
  }
}
