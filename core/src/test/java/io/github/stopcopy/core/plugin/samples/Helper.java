package io.github.stopcopy.core.plugin.samples;

/** What {@link NeedsHelperDevice} needs. */
final class Helper {
  final String name = "helped-device";
}
