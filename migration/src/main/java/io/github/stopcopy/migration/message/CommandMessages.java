package io.github.stopcopy.migration.message;

import static io.github.stopcopy.core.profile.QemuProfile.V11_1;
import static io.github.stopcopy.migration.message.KnownMessage.qemu;
import static io.github.stopcopy.migration.reason.ReasonCode.CAPABILITY_NOT_SUPPORTED;
import static io.github.stopcopy.migration.reason.ReasonCode.INVALID_CONFIGURATION;

import java.util.List;

/** Answers to commands that change the running VM; most are of no concern to its migration. */
final class CommandMessages {

  private static final String NOT_NOW = "Of no concern: try again once the migration is over.";

  private static final String MEMORY = "The memory was not plugged; the migration is as it was.";

  static final List<KnownMessage> ALL =
      List.of(
          qemu("device_add not allowed while migrating").noted(NOT_NOW),
          qemu("device_del not allowed while migrating").noted(NOT_NOW),
          qemu("Device '{word}' does not support hotplugging")
              .noted("The device has to be there from the start."),
          qemu("Invalid qdev ID '{word}'", INVALID_CONFIGURATION).from(V11_1),
          qemu("'memdev' property must be set", INVALID_CONFIGURATION).noted(MEMORY),
          qemu("can't use already busy memdev: {word}", INVALID_CONFIGURATION).noted(MEMORY),
          qemu("'memdev' property specifies a busy memdev: {word}", INVALID_CONFIGURATION)
              .noted(MEMORY),
          qemu("no slots where allocated, please specify the 'slots' option", INVALID_CONFIGURATION)
              .noted(MEMORY),
          qemu("no free slots available", INVALID_CONFIGURATION).noted(MEMORY),
          qemu(
                  "not enough space, currently {hex} in use of total space for memory devices"
                      + " {hex}",
                  INVALID_CONFIGURATION)
              .noted(MEMORY),
          qemu("backend memory size must be multiple of {hex}", INVALID_CONFIGURATION)
              .noted(MEMORY),
          qemu("address must be aligned to {hex} bytes", INVALID_CONFIGURATION).noted(MEMORY),
          qemu(
                  "can't add memory device {text}, usable range for memory devices {text}",
                  INVALID_CONFIGURATION)
              .noted(MEMORY),
          qemu("address range conflicts with memory device id='{word}'", INVALID_CONFIGURATION)
              .noted(MEMORY),
          qemu("Capability '{word}' requires capability '{word}'", CAPABILITY_NOT_SUPPORTED),
          qemu("Postcopy is not compatible with {word}", CAPABILITY_NOT_SUPPORTED),
          qemu("Postcopy is not yet compatible with {word}", CAPABILITY_NOT_SUPPORTED),
          qemu("Postcopy preempt requires postcopy-ram", CAPABILITY_NOT_SUPPORTED),
          qemu("Background-snapshot is not compatible with {word}", CAPABILITY_NOT_SUPPORTED),
          qemu("Multifd is not compatible with {word}", CAPABILITY_NOT_SUPPORTED),
          qemu("Mapped-ram migration is incompatible with {word}", CAPABILITY_NOT_SUPPORTED),
          qemu(
              "Zero copy only available for non-compressed non-TLS multifd migration",
              CAPABILITY_NOT_SUPPORTED),
          qemu("Use -machine help to list supported machines")
              .noted("The hint behind \"unsupported machine type\"."));

  private CommandMessages() {}
}
