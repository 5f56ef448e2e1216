package io.github.stopcopy.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A page under {@code docs/} that is generated: a test fails when the page is not what the code
 * says now. {@code ./mvnw verify -Dstopcopy.docs.update=true} writes it anew.
 */
final class GeneratedPage {

  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private GeneratedPage() {}

  static void check(String name, String text) throws IOException {
    Path file = ROOT.resolve("docs").resolve(name);
    if (Boolean.getBoolean("stopcopy.docs.update")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    }
    assertThat(Files.exists(file) ? Files.readString(file) : "")
        .as("docs/%s is generated; run ./mvnw verify -Dstopcopy.docs.update=true", name)
        .isEqualTo(text);
  }
}
