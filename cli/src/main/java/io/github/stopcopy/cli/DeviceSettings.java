package io.github.stopcopy.cli;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code --set TARGET.PROPERTY=VALUE}; what the target may be is for the model to say. */
final class DeviceSettings {

  private DeviceSettings() {}

  static List<RemedyChange> parse(List<String> settings) throws InputException {
    List<RemedyChange> changes = new ArrayList<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      int dot = equals < 0 ? -1 : setting.lastIndexOf('.', equals);
      if (dot < 1 || dot + 1 == equals) {
        throw InputException.of("--set is '" + setting + "', expected ID.PROPERTY=VALUE");
      }
      changes.add(
          new RemedyChange.Set(
              setting.substring(0, dot),
              setting.substring(dot + 1, equals),
              setting.substring(equals + 1)));
    }
    return changes;
  }
}
