package io.github.stopcopy.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.stopcopy.core.error.InputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The C source and where it is compiled to. */
class StandinLibraryTest {

  @TempDir private Path folder;

  private record Ended(int exitCode, String text) {}

  private static Ended run(Path folder, String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), text);
  }

  private Path source() throws Exception {
    for (String name : List.of("vfio.c", "iommufd.h", "tracker.h")) {
      Files.copy(
          Objects.requireNonNull(StandinLibrary.class.getResourceAsStream(name)),
          folder.resolve(name));
    }
    return folder;
  }

  @Test
  void itCompilesWithoutWarnings() throws Exception {
    Compiler.isNeeded();
    assertThat(
            run(
                source(),
                "cc",
                "-O2",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-shared",
                "-fPIC",
                "-o",
                "x.so",
                "vfio.c",
                "-ldl",
                "-lpthread"))
        .isEqualTo(new Ended(0, ""));
  }

  @Test
  void itIsKeptInAPrivateFolderAndCompiledOnce() throws Exception {
    Compiler.isNeeded();
    Path cache = folder.resolve("a/cache");
    Path library = StandinLibrary.in(cache, Compiler.NAMES).path();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)))
        .isEqualTo("rwx------");
    assertThat(StandinLibrary.in(cache, List.of("no-such-compiler")).path()).isEqualTo(library);
    try (var files = Files.list(cache)) {
      assertThat(files).containsExactly(library);
    }
  }

  @Test
  void severalThatCompileAtOnceDoNotDisturbEachOther() throws Exception {
    Compiler.isNeeded();
    Path cache = folder.resolve("cache");
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      List<Callable<Path>> all = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        all.add(() -> StandinLibrary.in(cache, Compiler.NAMES).path());
      }
      for (Future<Path> each : pool.invokeAll(all)) {
        assertThat(each.get()).isRegularFile();
      }
    } finally {
      pool.shutdownNow();
    }
    try (var files = Files.list(cache)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void withoutACompilerTheErrorSaysWhatIsNeeded() {
    assertThatThrownBy(
            () -> StandinLibrary.in(folder.resolve("cache"), List.of("no-such-compiler")))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("no C compiler found (no-such-compiler), expected one");
    assertThatThrownBy(() -> StandinLibrary.in(folder.resolve("cache"), List.of("false")))
        .hasMessageStartingWith("false cannot compile the stand-in kernel: exit code 1");
  }

  @Test
  void aFolderThatOthersMayWriteToIsRefused() throws Exception {
    Path cache = Files.createDirectory(folder.resolve("cache"));
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> StandinLibrary.in(cache, Compiler.NAMES))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("others may write there");
  }

  /** A program that opens VFIO's container finds the stand-in with a configuration only. */
  @Test
  void itIsInertWithoutItsConfiguration() throws Exception {
    Compiler.isNeeded();
    String library = StandinLibrary.in(folder.resolve("cache"), Compiler.NAMES).path().toString();
    Path configuration = Files.writeString(folder.resolve("conf"), "[container]\n");
    Path log = folder.resolve("log");
    String open = "exec 3<>/dev/vfio/vfio && echo opened";
    assumeTrue(!Files.exists(Path.of("/dev/vfio/vfio")), "VFIO is here");
    assertThat(run(folder, "env", "LD_PRELOAD=" + library, "sh", "-c", open).exitCode).isNotZero();
    assertThat(
            run(
                folder,
                "env",
                "LD_PRELOAD=" + library,
                "STOPCOPY_STANDIN_CONF=" + configuration,
                "STOPCOPY_STANDIN_LOG=" + log,
                "sh",
                "-c",
                open))
        .isEqualTo(new Ended(0, "opened\n"));
    assertThat(Files.readString(log)).contains("\"ev\":\"open_container\"");
  }
}
