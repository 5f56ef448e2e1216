package io.github.stopcopy.cli.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.stopcopy.cli.input.Scenarios;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.HostJson;
import io.github.stopcopy.migration.scenario.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema files are schemas, and say of input what the readers do. */
class FormatSchemaTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Path FOLDER = Path.of("..", "docs", "schema");

  @ParameterizedTest
  @EnumSource
  void isASchemaOfDraft202012(FormatSchema schema) {
    assertThat(schema.json().get("$schema").textValue())
        .isEqualTo("https://json-schema.org/draft/2020-12/schema");
    assertThat(
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"))
                .validate(schema.json()))
        .isEmpty();
  }

  @Test
  void allFilesAreTested() throws IOException {
    try (var files = Files.list(FOLDER)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              List.of(FormatSchema.values()).stream().map(FormatSchema::file).toList());
    }
  }

  /** A release that is missing would make good answers invalid. */
  @Test
  void allReleasesAreNamed() {
    JsonNode names = FormatSchema.VERDICT.json().at("/properties/profile/enum");
    List<String> known = new ArrayList<>();
    names.forEach(name -> known.add(name.textValue()));
    assertThat(known)
        .containsAll(List.of(QemuProfile.values()).stream().map(QemuProfile::id).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"page-size\":\"64K\",\"note\":1,\"origin\":{\"accel\":\"sysfs\"}}",
        "{\"page-size\":\"0x1000\",\"cpu-phys-bits\":46,\"kernel\":\"6.12.1\"}",
        "{\"containers\":{\"iova-ranges\":[[0,\"0xfff\"]],\"max-dirty-bitmap-size\":\"256M\"}}",
        "{\"devices\":{\"d\":{\"migration\":null,\"bars\":{\"0\":{\"size\":\"1.5M\"}}}}}",
        "{\"devices\":{\"d\":{\"migration\":{\"errno\":22},\"dma-buf\":false,\"driver\":\"x\"}}}",
        "{\"devices\":{\"d\":{\"pci-id\":\"15B3:101e\"}}}",
        "{\"devices\":{\"d\":{\"set-state-errno\":{\"PRE_COPY\":5,\"note\":[]}}}}"
      })
  void hostFactsThatAreReadAreValid(String text) throws IOException, InputException {
    HostJson.read("host.json", text);
    FormatSchema.HOST.assertValid(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{\"page-sise\":4096}",
        "{\"page-size\":\"4 KiB\"}",
        "{\"page-size\":-1}",
        "{\"page-size\":1.5}",
        "{\"accel\":\"xen\"}",
        "{\"kernel\":6}",
        "{\"containers\":{\"page-sizes\":\"4K\"}}",
        "{\"containers\":{\"dma-available\":18446744073709551616}}",
        "{\"containers\":{\"iova-ranges\":[[1,2,3]]}}",
        "{\"containers\":null}",
        "{\"devices\":{\"d\":{\"migration\":[\"fast\"]}}}",
        "{\"devices\":{\"d\":{\"pci-id\":\"15b3\"}}}",
        "{\"devices\":{\"d\":{\"migration\":{}}}}",
        "{\"devices\":{\"d\":{\"bars\":{\"6\":{\"size\":1}}}}}",
        "{\"devices\":{\"d\":{\"bars\":{\"0\":{}}}}}",
        "{\"devices\":{\"d\":{\"set-state-errno\":{\"FLYING\":5}}}}",
        "{\"devices\":{\"d\":{\"msix\":{\"table\":1}}}}"
      })
  void hostFactsThatAreRefusedAreNotValid(String text) throws IOException {
    assertThat(isRead(FormatSchema.HOST, MAPPER.readTree(text))).as(text).isFalse();
    assertThat(FormatSchema.HOST.errors(MAPPER.readTree(text))).as(text).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"do\":\"fly\"}",
        "{\"do\":5}",
        "{\"do\":\"boot\",\"hold\":true}",
        "{\"do\":\"migrate\",\"hold\":\"yes\"}",
        "{\"do\":\"migrate\",\"capabilities\":\"multifd\"}",
        "{\"do\":\"device-add\"}",
        "{\"do\":\"device-add\",\"args\":{\"id\":\"v\"}}",
        "{\"do\":\"device-add\",\"args\":{\"driver\":\"vfio-pci\",\"host\":[]}}",
        "{\"do\":\"device-del\"}",
        "{\"do\":\"viommu\"}",
        "{\"do\":\"viommu\",\"op\":\"fly\"}",
        "{\"do\":\"viommu\",\"op\":\"map\",\"device\":\"v1\",\"iova\":0}",
        "{\"do\":\"viommu\",\"op\":\"unmap\",\"device\":\"v1\"}",
        "{\"do\":\"viommu\",\"op\":\"context\",\"device\":\"v1\"}",
        "{\"do\":\"memory-add\",\"id\":\"d\"}",
        "{\"do\":\"memory-add\",\"id\":\"d\",\"size\":\"1G\",\"at\":null}",
        "{\"do\":\"dma-write\",\"device\":\"v1\",\"iova\":0}",
        "{\"do\":\"bar\",\"device\":\"v1\",\"bar\":0}"
      })
  void stepsThatAreRefusedAreNotValid(String step) throws IOException {
    ObjectNode scenario = scenario();
    scenario.putArray("steps").add(MAPPER.readTree(step));
    assertThat(isRead(FormatSchema.SCENARIO, scenario)).as(step).isFalse();
    assertThat(FormatSchema.SCENARIO.errors(scenario)).as(step).isNotEmpty();
  }

  /** What the documentation shows is valid, is read, and is what a default stands for. */
  @ParameterizedTest
  @EnumSource(names = {"HOST", "SCENARIO"})
  void examplesAndDefaultsAreRead(FormatSchema schema) {
    List<Documented> all = Documented.of(schema);
    assertThat(all).hasSizeGreaterThanOrEqualTo(5);
    int values = 0;
    for (Documented object : all) {
      for (Map.Entry<String, JsonNode> key : object.keys().entrySet()) {
        List<JsonNode> tried = new ArrayList<>();
        key.getValue().path("examples").forEach(tried::add);
        if (key.getValue().has("default")) {
          tried.add(key.getValue().get("default"));
        }
        for (JsonNode value : tried) {
          JsonNode document = object.with(key.getKey(), value);
          if (!value.asText().contains("...")) {
            values++;
            schema.assertValid(document);
            assertThat(isRead(schema, document)).as("%s", document).isTrue();
          }
        }
      }
    }
    assertThat(values).isGreaterThan(25);
  }

  /** But for who said it, which decides what an answer tells as assumed. */
  @Test
  void whatIsLeftOutIsTheDefault() throws InputException {
    for (Documented object : Documented.of(FormatSchema.HOST)) {
      String without = object.with("note", JsonNodeFactory.instance.nullNode()).toString();
      for (Map.Entry<String, JsonNode> key : object.keys().entrySet()) {
        if (key.getValue().has("default")) {
          String with = object.with(key.getKey(), key.getValue().get("default")).toString();
          assertThat(HostJson.read("with", with))
              .usingRecursiveComparison()
              .ignoringFieldsMatchingRegexes(".*given")
              .as(with)
              .isEqualTo(HostJson.read("without", without));
        }
      }
    }
  }

  /** The keys that a reader names when it knows one not are those of the schema. */
  @ParameterizedTest
  @EnumSource(names = {"HOST", "SCENARIO"})
  void keysAreThoseOfTheReaders(FormatSchema schema) {
    for (Documented object : Documented.of(schema)) {
      if (object.isOpen()) {
        continue;
      }
      JsonNode document = object.with("no-such-key", JsonNodeFactory.instance.numberNode(1));
      String message = refusal(schema, document);
      assertThat(message).as("%s", document).contains("no-such-key', expected one of ");
      assertThat(message.substring(message.indexOf("one of ") + 7).split(", "))
          .as(object.title())
          .containsExactlyInAnyOrderElementsOf(object.keys().keySet());
    }
  }

  /** An operation that the model gets and the schema does not would be valid nowhere. */
  @Test
  void operationsOfTheGuestAreThoseOfTheModel() {
    List<String> named = new ArrayList<>();
    FormatSchema.SCENARIO
        .json()
        .at("/$defs/step-viommu/properties/op/enum")
        .forEach(word -> named.add(word.textValue()));
    assertThat(named)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(Step.ViommuOperation.values())
                .map(each -> each.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList());
  }

  private static ObjectNode scenario() {
    ObjectNode scenario = JsonNodeFactory.instance.objectNode();
    scenario.put("profile", "10.2").putArray("argv");
    return scenario;
  }

  private static boolean isRead(FormatSchema schema, JsonNode document) {
    return refusal(schema, document).isEmpty();
  }

  /** What the reader says; empty if it takes the document. */
  private static String refusal(FormatSchema schema, JsonNode document) {
    try {
      if (schema == FormatSchema.HOST) {
        HostJson.read("host.json", document.toString());
      } else {
        Scenarios.read("s.json", 1, document.toString());
      }
      return "";
    } catch (InputException wrong) {
      return wrong.problem();
    }
  }
}
