package io.github.stopcopy.migration.message;

import java.util.Optional;

/**
 * A known message in a line.
 *
 * @param message which
 * @param text the part of the line that it is
 * @param device the device that it names, as whoever printed it calls it; empty if it names none
 */
public record FoundMessage(KnownMessage message, String text, Optional<String> device) {}
