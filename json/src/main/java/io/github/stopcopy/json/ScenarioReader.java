package io.github.stopcopy.json;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the keys of one scenario as they come. */
final class ScenarioReader {

  private static final List<String> KEYS =
      List.of("id", "profile", "argv", "host", "mtree", "steps");

  private final VmReader vms;
  private final List<Step> steps = new ArrayList<>();
  private String id = "";
  private HostFacts host = HostFacts.CAPABLE;
  private Optional<String> mtree = Optional.empty();
  private @Nullable String profile;
  private @Nullable List<String> argv;

  ScenarioReader(VmReader vms) {
    this.vms = vms;
  }

  /** Reads the value of a key. */
  void read(JsonCursor json, String key) throws InputException {
    switch (key) {
      case "id" -> id = json.text();
      case "profile" -> profile = json.text();
      case "argv" -> argv = texts(json);
      case "host" -> host = HostReader.read(json).facts();
      case "mtree" -> mtree = Optional.of(json.text(vms));
      case "steps" -> {
        json.beginList();
        while (json.nextElement()) {
          steps.add(StepReader.read(json));
        }
      }
      default -> throw json.unknownKey(KEYS);
    }
  }

  /** The strings of a list. */
  static List<String> texts(JsonCursor json) throws InputException {
    List<String> texts = new ArrayList<>();
    json.beginList();
    while (json.nextElement()) {
      texts.add(json.text());
    }
    return texts;
  }

  /** The scenario, once the object has ended. */
  ScenarioJson.Input end(JsonCursor json) throws InputException {
    if (profile == null) {
      throw json.missing("profile", "a string");
    }
    if (argv == null) {
      throw json.missing("argv", "a list of words");
    }
    QemuProfile.Choice choice = QemuProfile.choose(profile);
    VmConfig vm = vms.read(argv, mtree);
    return new ScenarioJson.Input(
        new Scenario(id, choice.profile(), vm, host, steps), choice.warning());
  }
}
