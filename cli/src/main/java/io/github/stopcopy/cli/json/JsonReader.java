package io.github.stopcopy.cli.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import io.github.stopcopy.qemu.mtree.MtreeReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads scenarios and host facts from JSON text. Thread-safe. */
public final class JsonReader {

  private static final int DEEPEST = 32;

  /** Names of features, limits and classes in the parser's messages. */
  private static final Pattern FOR_PROGRAMMERS =
      Pattern.compile(
          ", from `[^`]*`|: not allowed as per `[^`]*`|: enable `[^`]*` to allow| \\(bound as"
              + " `[^`]*`\\)| \\(not recognized as one since Feature [^)]*\\)");

  private final JsonMapper mapper;

  /** A reader. */
  public JsonReader() {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNumberLength(100)
                    .maxStringLength(InputText.LONGEST)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    mapper =
        JsonMapper.builder(factory).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  }

  /**
   * Reads a scenario: an object, or an object whose key {@code scenario} holds one.
   *
   * @param text one JSON object
   * @throws InputException with the field, if it is no scenario; without a source
   */
  public ScenarioInput scenario(String text) throws InputException {
    JsonNode node = parse(text);
    JsonNode inner = node.isObject() ? node.get("scenario") : null;
    JsonObject json = JsonObject.of(inner != null ? inner : node, "");
    String id = json.text("id").orElse("");
    QemuProfile.Choice profile = QemuProfile.choose(json.requiredText("profile"));
    json.required("argv", json.get("argv"), "a list of words");
    VmConfig vm = QemuCommandLine.parseArgv("", json.texts("argv"));
    Optional<JsonObject> host = json.object("host");
    HostFacts facts = host.isPresent() ? HostReader.read(host.get()) : HostFacts.CAPABLE;
    Optional<String> mtree = json.text("mtree");
    if (mtree.isPresent()) {
      vm = withFirmware(vm, "mtree", mtree.get());
    }
    List<Step> steps = new ArrayList<>();
    List<JsonNode> nodes = json.list("steps");
    for (int i = 0; i < nodes.size(); i++) {
      steps.add(StepReader.read(JsonObject.of(nodes.get(i), "steps[" + i + "]")));
    }
    json.refuseOtherKeys();
    return new ScenarioInput(
        new Scenario(id, profile.profile(), vm, facts, steps), profile.warning());
  }

  /**
   * A scenario and what to tell the user about its profile.
   *
   * @param scenario the scenario
   * @param warning a warning line
   */
  public record ScenarioInput(Scenario scenario, Optional<String> warning) {}

  /**
   * Reads host facts.
   *
   * @param text one JSON object
   * @throws InputException with the field, if these are no host facts; without a source
   */
  public HostFacts host(String text) throws InputException {
    return HostReader.read(JsonObject.of(parse(text), ""));
  }

  /**
   * The same VM with the memory that a dump shows.
   *
   * @param vm the VM
   * @param source the name of the dump, for messages
   * @param mtree what {@code info mtree -f} printed
   * @throws InputException with source and line, if it is no such dump or not the whole of it
   */
  public static VmConfig withFirmware(VmConfig vm, String source, String mtree)
      throws InputException {
    Optional<List<PlacedRegion>> memory = MtreeReader.read(source, mtree).systemMemory();
    if (memory.isEmpty()) {
      throw InputException.at(
          source, 0, "shows no address space \"memory\", expected the whole of info mtree -f");
    }
    return vm.toBuilder().memory(vm.memory().withFirmware(memory.get())).build();
  }

  /** Whether a text only begins a JSON value, which could go on behind its end. */
  public boolean isUnfinished(String text) {
    try {
      mapper.readTree(text);
      return false;
    } catch (JsonEOFException unfinished) {
      return true;
    } catch (JsonProcessingException malformed) {
      return false;
    }
  }

  private JsonNode parse(String text) throws InputException {
    if (text.isBlank()) {
      throw InputException.of("nothing here, expected a JSON object");
    }
    try {
      return mapper.readTree(text);
    } catch (JsonProcessingException malformed) {
      throw InputException.of(
          "no valid JSON"
              + place(malformed.getLocation())
              + ": "
              + firstSentence(malformed.getOriginalMessage()));
    }
  }

  private static String place(@Nullable JsonLocation location) {
    if (location == null) {
      return "";
    }
    String line = location.getLineNr() > 1 ? " in line " + location.getLineNr() : "";
    return line + " at column " + location.getColumnNr();
  }

  /** What the parser says, without what only means something to those who write with it. */
  private static String firstSentence(String message) {
    int end = message.indexOf('\n');
    String line = end < 0 ? message : message.substring(0, end);
    int inside = line.indexOf("[Source:");
    int opened = inside < 0 ? -1 : line.lastIndexOf('(', inside);
    if (opened > 0) {
      line = line.substring(0, opened).strip();
    }
    line = FOR_PROGRAMMERS.matcher(line).replaceAll("");
    return line.length() > 200 ? line.substring(0, 200) : line;
  }
}
