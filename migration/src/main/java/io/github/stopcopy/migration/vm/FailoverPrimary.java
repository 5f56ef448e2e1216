package io.github.stopcopy.migration.vm;

/**
 * An assigned device for which a virtio-net device is to stand in (R-OBS-115).
 *
 * @param device the name of the host's device
 * @param standby the id that it names as the one to stand in
 * @param paired whether that one is there, with {@code failover=on}; else nobody stands in and
 *     nothing moves the device's state (R-OBS-143)
 * @param hidden whether the device waits for the guest to accept its standby
 */
public record FailoverPrimary(String device, String standby, boolean paired, boolean hidden) {}
