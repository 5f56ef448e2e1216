package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.property.SizeText;
import java.util.Map;
import java.util.Optional;

/** The objects that are memory, each of which needs a size (R-OBS-170). */
final class MemoryBackends {

  private static final String SIZE = "size";

  private MemoryBackends() {}

  /** The size of an object that is memory; empty without one, or where QEMU takes none such. */
  static Optional<String> size(String type, Map<String, String> properties) {
    return isMemory(type)
        ? Optional.ofNullable(properties.get(SIZE)).filter(size -> !isZero(size))
        : Optional.empty();
  }

  /**
   * Why QEMU makes no such object.
   *
   * @param place what precedes a complaint about the option, as QEMU writes it
   */
  static Optional<QemuError> refused(ObjectConfig object, String place) {
    if (!isMemory(object.type())) {
      return Optional.empty();
    }
    String size = object.properties().get(SIZE);
    if (size == null) {
      return Optional.of(QemuError.of(place + "Parameter 'size' is missing"));
    }
    return isZero(size)
        ? Optional.of(
            QemuError.of("property 'size' of " + object.type() + " doesn't take value '0'"))
        : Optional.empty();
  }

  private static boolean isMemory(String type) {
    return type.startsWith("memory-backend-");
  }

  private static boolean isZero(String size) {
    return SizeText.parse(size, 'B').filter(bytes -> bytes == 0).isPresent();
  }
}
