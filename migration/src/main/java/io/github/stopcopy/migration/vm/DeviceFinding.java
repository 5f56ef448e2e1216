package io.github.stopcopy.migration.vm;

import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.migration.reason.Cause;
import io.github.stopcopy.migration.spi.Finding;
import java.util.Optional;

/**
 * Something that was found, and with which device.
 *
 * @param finding what
 * @param device the name of the host's device; empty if it concerns the VM
 * @param error how QEMU reports it, which may have more prefixes than the finding's text
 */
public record DeviceFinding(Finding finding, Optional<String> device, QemuError error) {

  static DeviceFinding of(Cause cause, Optional<String> device, QemuError error, String... values) {
    return new DeviceFinding(cause.finding(error.text(), values), device, error);
  }
}
