package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.core.profile.QemuProfile.V10_1;
import static io.github.stopcopy.core.profile.QemuProfile.V11_0;
import static io.github.stopcopy.core.profile.QemuProfile.V11_1;
import static io.github.stopcopy.core.profile.QemuProfile.V8_2;
import static io.github.stopcopy.core.profile.QemuProfile.V9_0;
import static io.github.stopcopy.core.profile.QemuProfile.V9_1;
import static io.github.stopcopy.core.profile.QemuProfile.V9_2;

import io.github.stopcopy.core.profile.QemuProfile;

/**
 * How outgoing migrations differ between releases, each with the release from which on it holds.
 *
 * @param errorsAreValues whether errors are kept as objects, to be shown by {@code query-migrate}
 *     (R-MIG-32, R-MIG-34, R-REL-15)
 * @param runningCounts whether a blocker is refused and a stream error counts while a migration is
 *     running in any way, cancelling included (R-REL-25, R-REL-26)
 * @param tellsFailureFirst whether devices are told of a failure before the VM runs again
 *     (R-REL-27, R-REL-A3.8)
 * @param hasFailing whether a migration is failing before it has failed (R-REL-28)
 * @param tellsSaveFailure whether a device that refuses to stop or to be saved is told as a failure
 *     to save its state (R-OBS-103)
 * @param checksPluggedIds whether {@code device_add} refuses an id that is none (R-OBS-128)
 * @param printsStopFailure whether that is printed, too (R-OBS-103)
 * @param hasCprReboot whether there is the mode cpr-reboot (R-REL-24)
 * @param blocksNormalModeOnly whether blockers of VFIO count in the normal mode only (R-BLK-3,
 *     R-REL-24)
 */
record MigrationBehaviour(
    boolean errorsAreValues,
    boolean runningCounts,
    boolean tellsFailureFirst,
    boolean hasFailing,
    boolean tellsSaveFailure,
    boolean checksPluggedIds,
    boolean printsStopFailure,
    boolean hasCprReboot,
    boolean blocksNormalModeOnly) {

  static MigrationBehaviour of(QemuProfile profile) {
    return new MigrationBehaviour(
        /* errorsAreValues= */ profile.isFrom(V9_1),
        /* runningCounts= */ profile.isFrom(V9_2),
        /* tellsFailureFirst= */ profile.isFrom(V11_0),
        /* hasFailing= */ profile.isFrom(V11_1),
        /* tellsSaveFailure= */ profile.isFrom(V11_1),
        /* checksPluggedIds= */ profile.isFrom(V11_1),
        /* printsStopFailure= */ profile.isFrom(V10_1),
        /* hasCprReboot= */ profile.isFrom(V8_2),
        /* blocksNormalModeOnly= */ profile.isFrom(V9_0));
  }
}
