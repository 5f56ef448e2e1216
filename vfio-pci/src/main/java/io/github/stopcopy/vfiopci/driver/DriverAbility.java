package io.github.stopcopy.vfiopci.driver;

import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import java.util.Optional;

/**
 * What a driver can do from a release of Linux on, at least, whatever the firmware. Immutable.
 *
 * @param since the first release with it; empty: it has always been so
 * @param migration what it answers when asked for migration support
 * @param dmaLogging how its devices log their own writes
 * @param limits what a device that logs can track
 */
public record DriverAbility(
    Optional<KernelRelease> since,
    MigrationSupport migration,
    DmaLogging dmaLogging,
    DeviceLimits limits) {}
