package io.github.stopcopy.cli;

import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** Makes jars with dirty trackers of the tests. */
final class PluginJar {

  private PluginJar() {}

  /**
   * A jar that promises these trackers; those that are no class of the tests are missing from it.
   */
  static Path write(Path file, String version, String... trackers) throws IOException {
    return write(file, version, DirtyTrackerProvider.class, trackers);
  }

  /** The same for providers of any service. */
  static Path write(Path file, String version, Class<?> service, String... providers)
      throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, version);
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file), manifest)) {
      jar.putNextEntry(new ZipEntry("META-INF/services/" + service.getName()));
      jar.write(String.join("\n", providers).getBytes(StandardCharsets.UTF_8));
      for (String provider : providers) {
        String resource = provider.replace('.', '/') + ".class";
        try (InputStream in = PluginJar.class.getClassLoader().getResourceAsStream(resource)) {
          if (in != null) {
            jar.putNextEntry(new ZipEntry(resource));
            in.transferTo(jar);
          }
        }
      }
    }
    return file;
  }
}
