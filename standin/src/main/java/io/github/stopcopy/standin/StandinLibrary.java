package io.github.stopcopy.standin;

import io.github.stopcopy.core.error.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The stand-in kernel as a library to be loaded into QEMU. It is compiled from the source in this
 * module with the system's C compiler when it is needed first, and then kept in a private folder
 * under the digest of its source. Immutable.
 *
 * @param path the shared library
 */
public record StandinLibrary(Path path) {

  private static final List<String> SOURCES = List.of("vfio.c", "iommufd.h", "tracker.h");
  private static final List<String> COMPILERS = List.of("cc", "gcc", "clang");
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");
  private static final int COMPILE_SECONDS = 120;

  /**
   * The library in the user's cache: {@code stopcopy} in {@code XDG_CACHE_HOME}, else in {@code
   * ~/.cache}.
   *
   * @throws InputException if it has to be compiled and cannot be: no compiler, no place, an error
   */
  public static StandinLibrary inUserCache() throws InputException {
    String cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).orElse("");
    Path base =
        cache.startsWith("/") ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache");
    return in(base.resolve("stopcopy"), COMPILERS);
  }

  /**
   * The library in a folder.
   *
   * @param folder where it is kept; made where there is none, for its owner alone
   * @param compilers the programs to try, the first that there is compiles
   * @throws InputException as {@link #inUserCache} does
   */
  public static StandinLibrary in(Path folder, List<String> compilers) throws InputException {
    try {
      makePrivate(folder);
      Path library = folder.resolve("standin-" + digest() + ".so");
      if (!Files.isRegularFile(library, LinkOption.NOFOLLOW_LINKS)) {
        compile(folder, library, compilers);
      }
      return new StandinLibrary(library);
    } catch (IOException failed) {
      throw InputException.at(
          folder.toString(), 0, "the stand-in kernel cannot be kept there: " + failed);
    }
  }

  private static void makePrivate(Path folder) throws IOException, InputException {
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
    } catch (FileAlreadyExistsException there) {
      // whose it is, and who may write in it, is looked at below
    }
    Set<PosixFilePermission> allowed =
        Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
    boolean mine =
        Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName().equals(userOfThisProcess());
    if (!mine
        || allowed.contains(PosixFilePermission.GROUP_WRITE)
        || allowed.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw InputException.at(
          folder.toString(),
          0,
          "others may write there, expected a folder of the user's own (chmod 700)");
    }
  }

  /** By the owner of its own entry in /proc, which no variable of the environment changes. */
  private static String userOfThisProcess() throws IOException {
    return Files.getOwner(Path.of("/proc/self")).getName();
  }

  private static String digest() throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String source : SOURCES) {
        digest.update(read(source));
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, 32);
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new IllegalStateException(everyPlatformHasIt);
    }
  }

  private static byte[] read(String source) throws IOException {
    try (InputStream stream = StandinLibrary.class.getResourceAsStream(source)) {
      if (stream == null) {
        throw new IOException("the resource " + source + " is missing");
      }
      return stream.readAllBytes();
    }
  }

  /** What is half done has another name, so that two that compile at once do not disturb. */
  private static void compile(Path folder, Path library, List<String> compilers)
      throws IOException, InputException {
    Path work =
        Files.createTempDirectory(folder, "build", PosixFilePermissions.asFileAttribute(PRIVATE));
    try {
      for (String source : SOURCES) {
        Files.write(work.resolve(source), read(source));
      }
      for (String compiler : compilers) {
        Optional<String> failure = compileWith(compiler, work);
        if (failure.isEmpty()) {
          Files.move(work.resolve("standin.so"), library, StandardCopyOption.ATOMIC_MOVE);
          return;
        } else if (!failure.get().isEmpty()) {
          throw InputException.of(
              compiler + " cannot compile the stand-in kernel: " + failure.get());
        }
      }
      throw InputException.of(
          "no C compiler found ("
              + String.join(", ", compilers)
              + "), expected one to compile the stand-in kernel with; Debian has it in gcc and"
              + " libc6-dev");
    } finally {
      PrivateFolder.delete(work);
    }
  }

  /** Empty if it went well; an empty text if there is no such program. */
  private static Optional<String> compileWith(String compiler, Path work)
      throws IOException, InputException {
    Path log = work.resolve("log");
    List<String> command = new ArrayList<>(List.of(compiler, "-O2", "-shared", "-fPIC"));
    command.addAll(List.of("-o", "standin.so", SOURCES.get(0), "-ldl", "-lpthread"));
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .directory(work.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException noSuchProgram) {
      return Optional.of("");
    }
    try {
      if (!process.waitFor(COMPILE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.of("it takes longer than " + COMPILE_SECONDS + " s");
      }
    } catch (InterruptedException stopped) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw InputException.of("interrupted while the stand-in kernel was compiled");
    }
    if (process.exitValue() == 0) {
      return Optional.empty();
    }
    String said = Files.readString(log, StandardCharsets.UTF_8).strip();
    return Optional.of(said.isEmpty() ? "exit code " + process.exitValue() : said);
  }
}
