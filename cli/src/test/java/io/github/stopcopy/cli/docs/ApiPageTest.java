package io.github.stopcopy.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ExportsTree;
import com.sun.source.tree.ModuleTree;
import com.sun.source.tree.ProvidesTree;
import com.sun.source.tree.UsesTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * docs/api.md lists what the modules promise to keep: what is not on that page can be changed at
 * will. So a change of the public surface shows in the page, or this test fails.
 */
class ApiPageTest {

  private static final String INTRO =
      """
      # The public API

      What a program or a plugin can name: every package that a module exports, its public types and their public
      and protected members. This page is generated from the sources by a test, and what it lists is kept as
      [VERSIONING.md](../VERSIONING.md) says; anything else in the jars may change at any time. Units, ends, threads
      and errors are in the Javadoc.

      - An **SPI** is an interface that plugins implement and a module looks for by `ServiceLoader`; an object can be
        given instead of being found.
      - Any other `interface` that is not `sealed` can be implemented too: an SPI, or the model, calls it.
      - A `record` or an `enum` is a value: immutable, and made by anybody. A `sealed interface` is a choice of the
        records in it.
      - A `class` is made and used, and not extended, but for the contract tests of the testkit.

      What every record and enum has is left out, as is what a type only does because the one it implements says so.
      """;

  private static final Pattern PUBLISHED =
      Pattern.compile("<artifactId>stopcopy-([a-z-]+)</artifactId>");
  private static final Pattern DESCRIPTION =
      Pattern.compile("<description>(.*?)</description>", Pattern.DOTALL);

  @Test
  void pageIsUpToDate() throws IOException {
    List<Path> modules = published();
    Set<String> spis = new TreeSet<>();
    for (Path module : modules) {
      for (UsesTree each : directives(module, UsesTree.class)) {
        spis.add(simple(each.getServiceName()));
      }
    }
    StringBuilder page = new StringBuilder(INTRO);
    for (Path module : modules) {
      module(page, module, spis);
    }
    GeneratedPage.check("api.md", page.toString());
  }

  /** Whoever can call a member can name what it takes and gives. */
  @Test
  void noSignatureNamesAHiddenType() throws IOException {
    List<Exported> all = new ArrayList<>();
    for (Path module : published()) {
      all.addAll(exported(module));
    }
    Set<String> packages = all.stream().map(Exported::name).collect(Collectors.toSet());
    List<String> wrong = new ArrayList<>();
    int signatures = 0;
    for (Exported each : all) {
      for (JavaSource source : each.types()) {
        Set<String> hidden = hidden(source, each, packages);
        for (String line : source.signatures(each.sources)) {
          signatures++;
          if (Arrays.stream(line.split("\\W+")).anyMatch(hidden::contains)) {
            wrong.add(source.name() + ": " + line.strip());
          }
        }
      }
    }
    assertThat(signatures).isGreaterThan(100);
    assertThat(wrong).isEmpty();
  }

  /** The types that a source can name and others cannot. */
  private static Set<String> hidden(JavaSource source, Exported its, Set<String> packages) {
    Set<String> hidden = new TreeSet<>();
    for (JavaSource sibling : its.sources.values()) {
      if (!sibling.isPublicType()) {
        hidden.add(sibling.name());
      }
    }
    for (String name : source.imports()) {
      if (name.startsWith("io.github.stopcopy.")
          && !packages.contains(name.replaceAll("\\.[A-Z].*", ""))) {
        hidden.add(simple(name));
      }
    }
    return hidden;
  }

  /** The folders of the modules that the BOM names, in its order. */
  private static List<Path> published() throws IOException {
    List<Path> modules = new ArrayList<>();
    Matcher artifact =
        PUBLISHED.matcher(Files.readString(GeneratedPage.ROOT.resolve("bom/pom.xml")));
    while (artifact.find()) {
      Path module = GeneratedPage.ROOT.resolve(artifact.group(1));
      if (Files.exists(module.resolve("src/main/java/module-info.java"))) {
        modules.add(module);
      }
    }
    assertThat(modules).hasSizeGreaterThan(8);
    return modules;
  }

  private static void module(StringBuilder page, Path module, Set<String> spis) throws IOException {
    ModuleTree descriptor = descriptor(module);
    Matcher description = DESCRIPTION.matcher(Files.readString(module.resolve("pom.xml")));
    assertThat(description.find()).isTrue();
    page.append("\n## stopcopy-")
        .append(module.getFileName())
        .append("\n\nModule `")
        .append(descriptor.getName())
        .append("`. ")
        .append(description.group(1).strip())
        .append('\n');
    List<ProvidesTree> provided = directives(module, ProvidesTree.class);
    if (!provided.isEmpty()) {
      page.append('\n');
    }
    for (ProvidesTree each : provided) {
      String providers =
          each.getImplementationNames().stream()
              .map(name -> "`" + simple(name) + "`")
              .collect(Collectors.joining(", "));
      page.append("- provides `")
          .append(simple(each.getServiceName()))
          .append("`: ")
          .append(providers)
          .append('\n');
    }
    List<Exported> exported = exported(module);
    if (exported.isEmpty()) {
      page.append("\nIt exports nothing.\n");
    }
    exported.forEach(each -> each.tell(page, spis));
  }

  /** The packages that everybody may use; what is exported to some modules is between them. */
  private static List<Exported> exported(Path module) throws IOException {
    List<Exported> all = new ArrayList<>();
    for (ExportsTree each : directives(module, ExportsTree.class)) {
      if (each.getModuleNames() == null || each.getModuleNames().isEmpty()) {
        String name = each.getPackageName().toString();
        Path folder = module.resolve("src/main/java").resolve(name.replace('.', '/'));
        all.add(new Exported(name, JavaSource.ofPackage(folder)));
      }
    }
    return all;
  }

  private record Exported(String name, TreeMap<String, JavaSource> sources) {

    List<JavaSource> types() {
      return sources.values().stream().filter(JavaSource::isPublicType).toList();
    }

    void tell(StringBuilder page, Set<String> spis) {
      page.append("\n### ")
          .append(name)
          .append("\n\n")
          .append(sources.get("package-info").packageSentence())
          .append('\n');
      for (JavaSource source : types()) {
        page.append("\n**").append(source.name()).append("**");
        page.append(spis.contains(source.name()) ? " (SPI): " : ": ");
        page.append(source.sentence()).append("\n\n```java\n");
        source.signatures(sources).forEach(line -> page.append(line).append('\n'));
        page.append("```\n");
      }
    }
  }

  private static <T> List<T> directives(Path module, Class<T> kind) throws IOException {
    return descriptor(module).getDirectives().stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }

  private static ModuleTree descriptor(Path module) throws IOException {
    return JavaSource.read(module.resolve("src/main/java/module-info.java")).module();
  }

  private static String simple(Object qualifiedName) {
    String name = qualifiedName.toString();
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
