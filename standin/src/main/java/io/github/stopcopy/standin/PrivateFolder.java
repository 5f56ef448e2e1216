package io.github.stopcopy.standin;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** Folders that only the user can enter, with names that nobody can foresee. */
final class PrivateFolder {

  /** A Unix socket's path has at most 107 bytes; what is put in a folder has at most 20. */
  private static final int LONGEST_PATH = 80;

  private PrivateFolder() {}

  /** A new one in the system's folder for temporary files, or in {@code /tmp} if that is long. */
  static Path make() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    Path base = temporary.toString().length() > LONGEST_PATH - 40 ? Path.of("/tmp") : temporary;
    return Files.createTempDirectory(
        base,
        "stopcopy-standin-",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /**
   * Deletes a folder with all that is in it; links are not followed. What somebody else deletes
   * meanwhile is gone as wanted, and the rest is deleted all the same.
   */
  static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes what) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failed) throws IOException {
            if (failed instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failed;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path inner, @Nullable IOException failed)
              throws IOException {
            Files.deleteIfExists(inner);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
