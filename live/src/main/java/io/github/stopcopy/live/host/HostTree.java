package io.github.stopcopy.live.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The files below a folder, as if that were the root: links are followed here and not by the
 * system, so that none leads out of it. Only regular files are opened, so that no pipe or device
 * is, and no more is read than a fact can need. Paths are written with slashes and without the
 * first one.
 */
final class HostTree {

  /** More than any file with facts has. */
  private static final int LONGEST_FILE = 1 << 16;

  private static final int MOST_NAMES = 1 << 16;
  private static final int MOST_LINKS = 40;
  private static final int LONGEST_PATH = 1 << 12;

  private final Path root;

  HostTree(Path root) {
    this.root = root;
  }

  /** The folder. */
  Path root() {
    return root;
  }

  /** The whole file; one that is longer than any with facts is unusable. */
  Reading read(String path) {
    Reading head = head(path, LONGEST_FILE + 1);
    return head instanceof Reading.Found found && found.content().length() > LONGEST_FILE
        ? new Reading.Unusable("is longer than " + LONGEST_FILE + " bytes")
        : head;
  }

  /** As many bytes of the file as there are, up to a number. */
  Reading head(String path, int most) {
    return trying(() -> {
      Path file = resolve(path);
      if (!attributes(file).isRegularFile()) {
        return new Reading.Unusable("is no regular file");
      }
      try (InputStream bytes = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        return Reading.Found.of(bytes.readNBytes(most));
      }
    });
  }

  /** The names in a folder in order; empty, and why, if it cannot be listed. */
  Listing list(String folder) {
    List<String> names = new ArrayList<>();
    Reading reading =
        trying(() -> {
          try (DirectoryStream<Path> entries = Files.newDirectoryStream(resolve(folder))) {
            for (Path entry : entries) {
              if (names.size() == MOST_NAMES) {
                return new Reading.Unusable("has more than " + MOST_NAMES + " entries");
              }
              names.add(entry.getFileName().toString());
            }
            return new Reading.Found("");
          }
        });
    Collections.sort(names);
    return new Listing(reading instanceof Reading.Found ? names : List.of(), reading);
  }

  /**
   * What is in a folder.
   *
   * @param names in order
   * @param reading whether it could be listed
   */
  record Listing(List<String> names, Reading reading) {}

  /** The last component of where a link leads, which need not be there. */
  Optional<String> linkedName(String path) {
    try {
      int name = path.lastIndexOf('/') + 1;
      Path link = resolve(path.substring(0, name)).resolve(path.substring(name));
      return Optional.ofNullable(Files.readSymbolicLink(link).getFileName()).map(Path::toString);
    } catch (IOException | InvalidPathException | UnsupportedOperationException none) {
      return Optional.empty();
    }
  }

  /** Whether something is there; {@link Reading.Found} without content if so. */
  Reading look(String path) {
    return trying(() -> {
      attributes(resolve(path));
      return new Reading.Found("");
    });
  }

  /** Something that the system may refuse. */
  private interface Attempt {
    Reading make() throws IOException;
  }

  private static Reading trying(Attempt attempt) {
    try {
      return attempt.make();
    } catch (NoSuchFileException | NotDirectoryException missing) {
      return new Reading.Missing();
    } catch (AccessDeniedException denied) {
      return new Reading.Denied();
    } catch (IOException | InvalidPathException | UnsupportedOperationException broken) {
      return new Reading.Unusable("cannot be read");
    }
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  /** Where a path leads below the root; the file need not be there if its folder is. */
  private Path resolve(String path) throws IOException {
    Deque<String> left = new ArrayDeque<>(Arrays.asList(path.split("/")));
    List<String> gone = new ArrayList<>();
    int links = 0;
    Path here = root;
    while (!left.isEmpty()) {
      String name = left.removeFirst();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        if (!gone.isEmpty()) {
          gone.remove(gone.size() - 1);
        }
        here = below(gone);
        continue;
      }
      Path next = here.resolve(name);
      BasicFileAttributes attributes = attributes(next);
      if (!attributes.isSymbolicLink()) {
        if (!left.isEmpty() && !attributes.isDirectory()) {
          throw new NotDirectoryException(name);
        }
        gone.add(name);
        here = next;
        continue;
      }
      links++;
      String target = Files.readSymbolicLink(next).toString();
      if (links > MOST_LINKS || target.length() > LONGEST_PATH) {
        throw new IOException("too many links");
      }
      if (target.startsWith("/")) {
        gone.clear();
        here = root;
      }
      List<String> names = Arrays.asList(target.split("/"));
      for (int i = names.size() - 1; i >= 0; i--) {
        left.addFirst(names.get(i));
      }
    }
    return here;
  }

  private Path below(List<String> names) {
    Path path = root;
    for (String name : names) {
      path = path.resolve(name);
    }
    return path;
  }
}
