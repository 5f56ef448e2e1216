package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.migration.spi.RuleSetProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** Compiles and packs plugins that do something no plugin should. */
record HostileJar(Path folder) {

  private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
  private static final StandardJavaFileManager FILES =
      COMPILER.getStandardFileManager(null, null, StandardCharsets.UTF_8);

  private static final String TRACKER =
      """
      package @PACKAGE@;

      import io.github.stopcopy.core.address.AddressRange;
      import io.github.stopcopy.core.dirty.DirtyBitmap;
      import io.github.stopcopy.core.error.*;
      import io.github.stopcopy.core.spi.*;
      import java.util.*;

      public final class @CLASS@ implements DirtyTrackerProvider {
        static int asked;
        @FIELDS@
        public @CLASS@() { @CONSTRUCTOR@ }
        public String name() { @NAME@ return "hostile"; }
        public String description() { @DESCRIPTION@ return "of a test"; }
        static void thrown(Throwable any) { @CLASS@.<RuntimeException>sneaky(any); }
        @SuppressWarnings("unchecked")
        static <T extends Throwable> void sneaky(Throwable any) throws T { throw (T) any; }
        static void recurse() { recurse(); }
        public DirtyTracker open(TrackerConfig config) {
          @OPEN@
          return new DirtyTracker() {
            public StartResult start(List<AddressRange> ranges, long pageSize) {
              @START@
              return new StartResult.Granted(pageSize);
            }
            public void dmaWrite(AddressRange written) {}
            public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
              @REPORT@
              return Optional.empty();
            }
            public Optional<Errno> stop() {
              @STOP@
              return Optional.empty();
            }
          };
        }
      }
      """;

  private static final String VIOMMU =
      """
      package com.example;

      import io.github.stopcopy.core.address.*;
      import io.github.stopcopy.core.error.*;
      import io.github.stopcopy.core.memory.*;
      import io.github.stopcopy.core.profile.QemuProfile;
      import io.github.stopcopy.core.property.*;
      import io.github.stopcopy.core.spi.*;
      import java.util.*;

      public final class @CLASS@ implements VirtualIommuProvider {
        public String name() { return "hostile-iommu"; }
        public PropertySchema properties(QemuProfile profile) {
          @PROPERTIES@
          return new PropertySchema(name(), List.of());
        }
        public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
          @REALIZE@
          MemoryRegion.Iommu region = machine.memory().iommu("hostile-region", ByteSize.WHOLE_SPACE,
              new IommuModel() {
                public Optional<IotlbEntry> translate(long iova, IommuAccess access) {
                  return Optional.empty();
                }
                @MODEL@
                public Optional<QemuError> notifierFlagsChanged(
                    NotifierFlags before, NotifierFlags after) {
                  @FLAGS@
                  return Optional.empty();
                }
              });
          MemoryRegion.Container root = machine.memory().container("root", ByteSize.WHOLE_SPACE);
          root.add(0, region);
          AddressSpace space = machine.memory().addressSpace("hostile-space", root);
          return Result.ok(new VirtualIommu() {
            public AddressSpace addressSpace(PciAddress requester) {
              @SPACE@
              return space;
            }
            public ActionResult guest(GuestAction action) {
              @GUEST@
              return new ActionResult.Done();
            }
            public IovaLimits limits() {
              @LIMITS@
              return IovaLimits.ofBits(true, 48);
            }
          });
        }
      }
      """;

  private static final String RULE_SET =
      """
      package com.example;

      import io.github.stopcopy.core.profile.QemuProfile;
      import io.github.stopcopy.migration.remedy.RemedyChange;
      import io.github.stopcopy.migration.spi.*;
      import java.util.*;

      public final class @CLASS@ implements RuleSetProvider {
        public @CLASS@() { @CONSTRUCTOR@ }
        public String name() { return "house-rules"; }
        public List<MigrationRule> rules(QemuProfile profile) {
          @RULES@
          return List.of((device, vm) -> new RuleOutcome.BlockVm(
              new Finding("NO_FRIDAYS", "", "Not on Fridays.", List.of())));
        }
        public List<VmRule> vmRules(QemuProfile profile) {
          return List.of(vm -> {
            @VM@
            return List.of();
          });
        }
      }
      """;

  private static final String DEVICE_TYPE =
      """
      package com.example;

      import io.github.stopcopy.core.profile.QemuProfile;
      import io.github.stopcopy.core.property.PropertySchema;
      import io.github.stopcopy.core.spi.DeviceTypeProvider;

      public final class @CLASS@ implements DeviceTypeProvider {
        public String name() { return @NAME@; }
        public PropertySchema properties(QemuProfile profile) {
          return new io.github.stopcopy.vfiopci.devicetype.VfioPciProvider().properties(profile);
        }
      }
      """;

  /** A rule set named house-rules in which some pieces of code are these. */
  Path ruleSet(String className, Map<String, String> code) throws IOException {
    return jar("com.example", className, RULE_SET, RuleSetProvider.class, code);
  }

  /** A device type with this name and the properties of vfio-pci. */
  Path deviceType(String className, String name) throws IOException {
    return jar(
        "com.example",
        className,
        DEVICE_TYPE,
        DeviceTypeProvider.class,
        Map.of("NAME", '"' + name + '"'));
  }

  /** A tracker named hostile in which some pieces of code are these. */
  Path tracker(String className, Map<String, String> code) throws IOException {
    return tracker("com.example", className, code);
  }

  /** The same in another package. */
  Path tracker(String inPackage, String className, Map<String, String> code) throws IOException {
    return jar(
        inPackage,
        className,
        TRACKER.replace("@PACKAGE@", inPackage),
        DirtyTrackerProvider.class,
        code);
  }

  /** A vIOMMU named hostile-iommu in which some pieces of code are these. */
  Path viommu(String className, Map<String, String> code) throws IOException {
    return jar("com.example", className, VIOMMU, VirtualIommuProvider.class, code);
  }

  private Path jar(
      String inPackage, String className, String source, Class<?> service, Map<String, String> code)
      throws IOException {
    String text = source.replace("@CLASS@", className);
    for (Map.Entry<String, String> piece : code.entrySet()) {
      assertThat(text).contains("@" + piece.getKey() + "@");
      text = text.replace("@" + piece.getKey() + "@", piece.getValue());
    }
    Path work = Files.createDirectories(folder.resolve(className));
    Path file =
        Files.writeString(work.resolve(className + ".java"), text.replaceAll("@[A-Z]+@", ""));
    Path classes = Files.createDirectories(work.resolve("classes"));
    compile(file, classes);
    Path jar = folder.resolve(className + ".jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
        Stream<Path> compiled = Files.walk(classes)) {
      out.putNextEntry(new ZipEntry("META-INF/services/" + service.getName()));
      out.write((inPackage + "." + className).getBytes(StandardCharsets.UTF_8));
      for (Path each : compiled.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new ZipEntry(classes.relativize(each).toString().replace('\\', '/')));
        Files.copy(each, out);
      }
    }
    return jar;
  }

  /** With files that all compilations share: what is on the class path is looked up once. */
  private static synchronized void compile(Path file, Path classes) throws IOException {
    FILES.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(classes));
    boolean compiled =
        COMPILER
            .getTask(
                null,
                FILES,
                null,
                List.of("-nowarn", "-proc:none", "-Xlint:none"),
                null,
                FILES.getJavaFileObjects(file))
            .call();
    assertThat(compiled).isTrue();
  }
}
