package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.integration.Pom.Dependency;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Provides;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What the built jars say of themselves as modules, held against what they say on the class path.
 */
class ModulesTest {

  private static final String SERVICES = "META-INF/services/";

  /** The modules that are published, by artifact. */
  private static final Map<String, ModuleDescriptor> MODULES = new LinkedHashMap<>();

  @BeforeAll
  static void read() throws Exception {
    Pom bom = Pom.read(Checkout.ROOT.resolve("bom/pom.xml"));
    for (Dependency dependency : bom.dependencies("dependencyManagement/dependencies")) {
      Path jar = Checkout.jar(dependency.artifact(), "");
      Set<ModuleReference> found = ModuleFinder.of(jar).findAll();
      MODULES.put(dependency.artifact(), found.iterator().next().descriptor());
    }
  }

  @Test
  void everyJarIsAModuleNamedLikeItsPackage() {
    assertThat(MODULES.values())
        .noneMatch(ModuleDescriptor::isAutomatic)
        .allSatisfy(module ->
            assertThat(module.packages())
                .allMatch(name -> (name + ".").startsWith(module.name() + ".")));
  }

  @Test
  void providesAndServiceFilesNameTheSameProviders() throws Exception {
    int providers = 0;
    for (String artifact : MODULES.keySet()) {
      Map<String, Set<String>> provided = new TreeMap<>();
      for (Provides each : MODULES.get(artifact).provides()) {
        provided.put(each.service(), new TreeSet<>(each.providers()));
        providers += each.providers().size();
      }
      assertThat(serviceFiles(Checkout.jar(artifact, ""))).as(artifact).isEqualTo(provided);
    }
    assertThat(providers).isGreaterThan(8);
  }

  private static Map<String, Set<String>> serviceFiles(Path file) throws IOException {
    Map<String, Set<String>> services = new TreeMap<>();
    try (JarFile jar = new JarFile(file.toFile())) {
      for (JarEntry entry : jar.stream().toList()) {
        if (entry.getName().startsWith(SERVICES) && !entry.isDirectory()) {
          String text =
              new String(jar.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
          services.put(
              entry.getName().substring(SERVICES.length()),
              text.lines().filter(line -> !line.isBlank()).collect(Collectors.toSet()));
        }
      }
    }
    return services;
  }

  @Test
  void providersAreFinalAndCanBeMadeWithoutArguments() throws Exception {
    for (ModuleDescriptor module : MODULES.values()) {
      for (Provides each : module.provides()) {
        for (String name : each.providers()) {
          Class<?> provider = Class.forName(name);

          assertThat(provider).as(name).isFinal().isPublic();
          assertThat(Modifier.isPublic(provider.getConstructor().getModifiers())).isTrue();
        }
      }
    }
  }

  /** The module that owns an SPI loads it: it must say so, and others must see the SPI. */
  @Test
  void whoOwnsAServiceUsesAndExportsIt() {
    for (ModuleDescriptor module : MODULES.values()) {
      for (Provides each : module.provides()) {
        String packageName = each.service().substring(0, each.service().lastIndexOf('.'));
        ModuleDescriptor owner =
            MODULES.values().stream()
                .filter(one -> one.packages().contains(packageName))
                .findFirst()
                .orElseThrow();

        assertThat(owner.uses()).contains(each.service());
        assertThat(owner.exports()).anyMatch(one -> one.source().equals(packageName));
      }
    }
  }
}
