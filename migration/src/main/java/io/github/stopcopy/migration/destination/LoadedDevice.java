package io.github.stopcopy.migration.destination;

import java.util.Optional;

/**
 * A device whose state is sent.
 *
 * @param device the name of the source's device
 * @param id its id in the VM, if it has one
 * @param section the section that carries its state: its place in the guest, and {@code /vfio}
 * @param there the name of the destination's device at this place; empty if there is none
 * @param isLoaded whether it takes the state
 */
public record LoadedDevice(
    String device, Optional<String> id, String section, Optional<String> there, boolean isLoaded) {}
