package io.github.stopcopy.migration.incoming;

import io.github.stopcopy.core.profile.QemuProfile;

/**
 * What QEMU says when it cannot load. Seen on 10.0.13 and 11.1.3 (R-OBS-116); where between them
 * the texts changed is not known.
 *
 * @param isOneLine whether the reason is in the line that says that loading failed, else before it
 */
record LoadTexts(boolean isOneLine) {

  static LoadTexts of(QemuProfile profile) {
    return new LoadTexts(/* isOneLine= */ profile.isFrom(QemuProfile.V11_0));
  }

  String unknownSection(String section) {
    return failed(
        (isOneLine ? "Unknown section" : "Unknown savevm section")
            + " or instance '"
            + section
            + "' 0. Make sure that your current VM setup matches your saved VM setup, including any"
            + " hotplugged devices");
  }

  String notLoaded(String section, String why) {
    return failed("Load state of device " + section + " failed: " + why);
  }

  String otherConfiguration(String device) {
    return device + ": Failed to load device config space";
  }

  String otherMachineType(String sent, String local) {
    String text = "Machine type received is '" + sent + "' and local is '" + local + "'";
    return isOneLine
        ? failed(
            "post load hook failed for: configuration, version_id: 1, minimum_version: 0: " + text)
        : text;
  }

  static String unknownMachineType(String type) {
    return "unsupported machine type: \"" + type + "\"";
  }

  private String failed(String why) {
    return isOneLine ? "load of migration failed: Invalid argument: " + why : why;
  }
}
