package io.github.stopcopy.integration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A CycloneDX file: what an artifact needs; the time is empty where it has none. */
record Sbom(List<Component> components, UUID serialNumber, String timestamp) {

  /** One of them; the licence is its SPDX id. */
  record Component(String group, String name, String version, String licence, String sha256) {}

  static Sbom read(Path file) throws IOException {
    List<Component> components = new ArrayList<>();
    JsonNode root = new ObjectMapper().readTree(file.toFile());
    for (JsonNode each : root.get("components")) {
      components.add(
          new Component(
              each.get("group").textValue(),
              each.get("name").textValue(),
              each.get("version").textValue(),
              each.at("/licenses/0/license/id").textValue(),
              sha256(each)));
    }
    String number = root.get("serialNumber").textValue();
    return new Sbom(
        components,
        UUID.fromString(number.substring("urn:uuid:".length())),
        root.at("/metadata/timestamp").asText());
  }

  private static String sha256(JsonNode component) {
    for (JsonNode hash : component.path("hashes")) {
      if (hash.get("alg").textValue().equals("SHA-256")) {
        return hash.get("content").textValue();
      }
    }
    return "";
  }
}
