package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.QemuError;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The ids of {@code -device} and {@code -object}. QEMU checks them while it reads the options in
 * the form {@code type,id=...}, and those in JSON only when it makes what they describe: objects
 * first, then devices, which the model does (R-OBS-127).
 */
final class OptionIds {

  private static final Pattern ID = Pattern.compile("[A-Za-z][A-Za-z0-9._-]*");

  private final Set<String> devices = new HashSet<>();
  private final Set<String> objects = new HashSet<>();
  private final Set<String> madeObjects = new HashSet<>();
  private @Nullable QemuError refusedOption;
  private @Nullable QemuError refusedObject;

  /** Takes the id of a device that is given as text, and says whether QEMU goes on. */
  boolean device(String id) {
    return option(devices, id, "device");
  }

  /** Takes the id of an object, and says whether QEMU goes on. */
  boolean object(String id, boolean json) {
    if (!json && !option(objects, id, "object")) {
      return false;
    }
    Optional<QemuError> wrong = json ? wrongForm(id) : Optional.empty();
    if (wrong.isEmpty() && !madeObjects.add(id)) {
      wrong =
          Optional.of(
              QemuError.of(
                  "attempt to add duplicate property '" + id + "' to object (type 'container')"));
    }
    if (refusedObject == null && wrong.isPresent()) {
      refusedObject = wrong.get();
    }
    return wrong.isEmpty();
  }

  /** An object cannot be made, whatever its id. */
  void refuse(QemuError why) {
    if (refusedObject == null) {
      refusedObject = why;
    }
  }

  /** Why QEMU ends before it makes a device, if it does. */
  Optional<QemuError> refused() {
    return Optional.ofNullable(refusedOption).or(() -> Optional.ofNullable(refusedObject));
  }

  private boolean option(Set<String> ids, String id, String group) {
    Optional<QemuError> wrong = wrongForm(id);
    if (wrong.isEmpty() && !ids.add(id)) {
      wrong = Optional.of(QemuError.of("Duplicate ID '" + id + "' for " + group));
    }
    if (refusedOption == null && wrong.isPresent()) {
      refusedOption = wrong.get();
    }
    return wrong.isEmpty();
  }

  private static Optional<QemuError> wrongForm(String id) {
    return ID.matcher(id).matches()
        ? Optional.empty()
        : Optional.of(
            QemuError.of("Parameter 'id' expects an identifier")
                .withHint(
                    "Identifiers consist of letters, digits, '-', '.', '_', starting with a"
                        + " letter."));
  }
}
