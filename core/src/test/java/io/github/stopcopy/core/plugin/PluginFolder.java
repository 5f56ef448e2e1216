package io.github.stopcopy.core.plugin;

import io.github.stopcopy.core.error.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A folder, or a jar made of it, that holds sample plugins and nothing else does. */
final class PluginFolder {

  private static final String SAMPLES = "io.github.stopcopy.core.plugin.samples.";

  private final Path root;

  PluginFolder(Path root) throws IOException {
    this.root = Files.createDirectories(root);
  }

  /** The full name of a sample class. */
  static String sample(String simpleName) {
    return SAMPLES + simpleName;
  }

  /** Copies the class file of a sample. */
  PluginFolder withClass(String simpleName) throws IOException {
    String resource = sample(simpleName).replace('.', '/') + ".class";
    try (InputStream in = PluginFolder.class.getClassLoader().getResourceAsStream(resource)) {
      return withFile(resource, in.readAllBytes());
    }
  }

  /** Puts bytes where the class file of a sample would be. */
  PluginFolder withGarbage(String simpleName) throws IOException {
    return withFile(
        sample(simpleName).replace('.', '/') + ".class",
        "this is no class file".getBytes(StandardCharsets.UTF_8));
  }

  /** Names the providers of a service; simple names are samples. */
  PluginFolder withService(Class<?> service, String... providers) throws IOException {
    List<String> lines =
        Arrays.stream(providers).map(name -> name.contains(".") ? name : sample(name)).toList();
    return withFile(
        "META-INF/services/" + service.getName(),
        String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
  }

  private PluginFolder withFile(String name, byte[] content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
    return this;
  }

  /** The folder as a place for classes. */
  URL url() throws MalformedURLException {
    return root.toUri().toURL();
  }

  /** A jar with what the folder holds, beside it. */
  URL jar() throws IOException {
    Path jar = root.resolveSibling(root.getFileName() + ".jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out);
        Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        zip.putNextEntry(new ZipEntry(root.relativize(file).toString().replace('\\', '/')));
        zip.write(Files.readAllBytes(file));
      }
    }
    return jar.toUri().toURL();
  }

  /** Loads what is in these places and nowhere else. */
  static Plugins load(URL... places) throws IOException, InputException {
    try (URLClassLoader loader = loader(places)) {
      return Plugins.load(loader);
    }
  }

  /** A class loader that finds the samples in these places only. */
  static URLClassLoader loader(URL... places) {
    ClassLoader withoutSamples =
        new ClassLoader(PluginFolder.class.getClassLoader()) {
          @Override
          protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith(SAMPLES)) {
              throw new ClassNotFoundException(name);
            }
            return super.loadClass(name, resolve);
          }
        };
    return new URLClassLoader(places, withoutSamples);
  }
}
