package io.github.stopcopy.standin;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The lines that are added to a file, in the pieces in which they are asked for. */
final class LogTail {

  /** What one step may print at most; what is beyond is looked at with the next one. */
  private static final int LONGEST = 64 << 20;

  private final Path file;
  private long position;

  LogTail(Path file) {
    this.file = file;
  }

  /** The whole lines that are new. */
  List<String> next() throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
      byte[] bytes = new byte[(int) Math.min(LONGEST, Math.max(0, open.length() - position))];
      open.seek(position);
      open.readFully(bytes);
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] != '\n') {
        end--;
      }
      position += end;
      return new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList();
    }
  }

  /** How long the file is now, in bytes. */
  long size() throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }
}
