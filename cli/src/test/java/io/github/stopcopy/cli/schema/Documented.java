package io.github.stopcopy.cli.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * One kind of object that a format of the input has.
 *
 * @param title a heading for it
 * @param schema what the schema says of it
 * @param example one with all keys that are needed, as small as can be
 * @param inDocument puts one into a document that is otherwise complete
 */
public record Documented(
    String title, JsonNode schema, ObjectNode example, UnaryOperator<ObjectNode> inDocument) {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Set<String> IGNORED = Set.of("note", "observed", "origin");
  private static final String STEP = "step-";

  /** All of a format, the outermost first. */
  public static List<Documented> of(FormatSchema format) {
    return format == FormatSchema.HOST ? host() : scenario();
  }

  private static List<Documented> host() {
    JsonNode root = FormatSchema.HOST.json();
    JsonNode parts = root.get("$defs");
    UnaryOperator<ObjectNode> device = one -> in("devices", in("0000:01:00.0", one));
    ObjectNode bar = JSON.objectNode().put("size", "0x1000");
    return List.of(
        new Documented("The host", root, JSON.objectNode(), one -> one),
        new Documented(
            "`containers`",
            parts.get("containers"),
            JSON.objectNode(),
            one -> in("containers", one)),
        new Documented("Each of `devices`", parts.get("device"), JSON.objectNode(), device),
        new Documented(
            "Each of `bars`", parts.get("bar"), bar, one -> device.apply(in("bars", in("0", one)))),
        new Documented(
            "`msix`", parts.get("msix"), JSON.objectNode(), one -> device.apply(in("msix", one))));
  }

  private static List<Documented> scenario() {
    JsonNode parts = FormatSchema.SCENARIO.json().get("$defs");
    ObjectNode scenario = JSON.objectNode().put("profile", "10.2");
    scenario.putArray("argv");
    List<Documented> all = new ArrayList<>();
    all.add(new Documented("The scenario", parts.get("scenario"), scenario, one -> one));
    parts
        .fieldNames()
        .forEachRemaining(name -> {
          if (name.startsWith(STEP)) {
            JsonNode step = parts.get(name);
            all.add(
                new Documented(
                    "`" + name.substring(STEP.length()) + "`",
                    step,
                    (ObjectNode) step.get("examples").get(0),
                    one -> withStep(scenario, one)));
          }
        });
    all.add(
        new Documented(
            "`args` of `device-add`",
            parts.get("device-add-arguments"),
            JSON.objectNode().put("driver", "vfio-pci"),
            one -> withStep(scenario, in("args", one).put("do", "device-add"))));
    return all;
  }

  private static ObjectNode in(String key, ObjectNode inner) {
    ObjectNode outer = JSON.objectNode();
    outer.set(key, inner);
    return outer;
  }

  private static ObjectNode withStep(ObjectNode scenario, ObjectNode step) {
    ObjectNode whole = scenario.deepCopy();
    whole.putArray("steps").add(step);
    return whole;
  }

  /** A complete document in which a key of this object has this value. */
  public JsonNode with(String key, JsonNode value) {
    ObjectNode one = example.deepCopy();
    one.set(key, value);
    return inDocument.apply(one);
  }

  /** The keys that are read, with what the schema says of each. */
  public Map<String, JsonNode> keys() {
    Map<String, JsonNode> keys = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> key : schema.get("properties").properties()) {
      if (!IGNORED.contains(key.getKey())) {
        keys.put(key.getKey(), key.getValue());
      }
    }
    return keys;
  }

  /** Whether it may have keys that the schema does not name. */
  public boolean isOpen() {
    return schema.path("additionalProperties").isObject();
  }

  /** Whether the object must have this key. */
  public boolean needs(String key) {
    for (JsonNode needed : schema.path("required")) {
      if (needed.textValue().equals(key)) {
        return true;
      }
    }
    return false;
  }
}
