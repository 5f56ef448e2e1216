package io.github.stopcopy.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Iterator;

/**
 * Copies of files of Linux hosts, written down in a file each: {@code PATH = TEXT}, {@code PATH hex
 * = BYTES}, {@code PATH -> TARGET} for a link, {@code PATH/} for a folder, {@code PATH <<} for
 * lines up to one with a dot.
 */
final class HostTrees {

  static final Path FOLDER = Path.of("src", "test", "resources", "host");

  private HostTrees() {}

  /** Makes the files of a tree below a folder that is there. */
  static Path write(String name, Path folder) throws IOException {
    Iterator<String> lines = Files.readAllLines(FOLDER.resolve(name + ".tree")).iterator();
    while (lines.hasNext()) {
      String line = lines.next();
      if (!line.startsWith("#")) {
        write(line, lines, folder);
      }
    }
    return folder;
  }

  private static void write(String line, Iterator<String> more, Path folder) throws IOException {
    String[] words = line.split(" ", 3);
    Path path = folder.resolve(words[0]);
    Files.createDirectories(path.getParent());
    String how = words.length > 1 ? words[1] : "/";
    switch (how) {
      case "->" -> Files.createSymbolicLink(path, Path.of(words[2]));
      case "=" -> Files.writeString(path, words[2] + "\n");
      case "hex" -> Files.write(path, HexFormat.of().parseHex(words[2].replace("= ", "")));
      case "<<" -> {
        StringBuilder text = new StringBuilder();
        for (String next = more.next(); !next.equals("."); next = more.next()) {
          text.append(next).append('\n');
        }
        Files.writeString(path, text, StandardCharsets.UTF_8);
      }
      default -> Files.createDirectories(path);
    }
  }
}
