package io.github.stopcopy.cli.input;

import io.github.stopcopy.core.error.InputException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads files and standard input as UTF-8 within limits: what is too long is refused without being
 * kept in memory.
 */
public final class InputText implements AutoCloseable {

  /** The longest line, and the longest file that is read whole, in bytes. */
  public static final int LONGEST = 32 << 20;

  private static final int HEAD = 1 << 13;

  private final String name;
  private final InputStream stream;
  private final boolean isStandardInput;

  /** What was read and is still to be given: the bytes from one index to before another. */
  private byte[] buffer = new byte[1 << 16];

  private int next;
  private int end;
  private int line;

  /** Whether the last line was left before its end, for want of memory. */
  private boolean isInsideLine;

  private boolean isUnreadable;

  private InputText(String name, InputStream stream, boolean isStandardInput) {
    this.name = name;
    this.stream = stream;
    this.isStandardInput = isStandardInput;
  }

  /**
   * Opens a file, or standard input for {@code -}. A pipe will do as well.
   *
   * @throws InputException if it cannot be opened
   */
  public static InputText open(String file) throws InputException {
    if (file.equals("-")) {
      return new InputText("(stdin)", System.in, true);
    }
    try {
      Path path = Path.of(file);
      if (Files.isDirectory(path)) {
        throw InputException.at(file, 0, "is a folder, expected a file");
      }
      if (Files.notExists(path)) {
        throw InputException.at(file, 0, "no such file");
      }
      // Unlike Files.newInputStream, and a FileInputStream that reads all, it asks no pipe for its
      // position.
      InputStream stream = new BufferedInputStream(new FileInputStream(path.toFile()));
      return new InputText(file, stream, false);
    } catch (InvalidPathException noName) {
      throw InputException.at(file, 0, "is no name of a file here: " + noName.getReason());
    } catch (IOException unreadable) {
      throw InputException.at(file, 0, "cannot be read: " + reason(unreadable, file));
    }
  }

  /** What is wrong, without the name of the file, which the JDK puts in front. */
  private static String reason(IOException unreadable, String file) {
    String message = String.valueOf(unreadable.getMessage());
    return message.startsWith(file + " (") && message.endsWith(")")
        ? message.substring(file.length() + 2, message.length() - 1)
        : message;
  }

  /**
   * Reads a whole file, or standard input for {@code -}.
   *
   * @throws InputException if it cannot be read, is no UTF-8 or longer than 32 MiB
   */
  public static String readAll(String file) throws InputException {
    try (InputText text = open(file)) {
      byte[] bytes = text.stream.readNBytes(LONGEST + 1); // nothing is in the buffer yet
      if (bytes.length > LONGEST) {
        throw InputException.at(text.name, 0, "is too long, expected at most 32 MiB");
      }
      return withoutMark(text.decode(bytes, 0, bytes.length));
    } catch (IOException unreadable) {
      throw InputException.at(file, 0, "cannot be read: " + unreadable.getMessage());
    }
  }

  /** The name for messages. */
  public String name() {
    return name;
  }

  /** The number of the line that was read last, from 1. */
  public int line() {
    return line;
  }

  /**
   * The next line without its end; empty at the end of the input.
   *
   * @throws InputException if the line is too long or no text; the next call goes on behind it
   */
  public Optional<String> nextLine() throws InputException {
    if (isUnreadable) {
      return Optional.empty();
    }
    try {
      if (isInsideLine) {
        passOverLine();
      }
      line++;
      if (next == end && !fill()) {
        return Optional.empty();
      }
      isInsideLine = true;
      int from = next;
      int length = endOfLine();
      byte[] bytes = buffer;
      if (from + length < end) {
        next += length + 1;
      } else {
        bytes = longLine();
        from = 0;
        length = bytes.length;
      }
      isInsideLine = false;
      String text = decode(bytes, from, length);
      return Optional.of(line == 1 ? withoutMark(text) : text);
    } catch (IOException unreadable) {
      isUnreadable = true;
      throw InputException.at(name, line, "cannot be read: " + unreadable.getMessage());
    }
  }

  /** Reads more once all was given; false at the end of the input. */
  private boolean fill() throws IOException {
    int count = stream.read(buffer, 0, buffer.length);
    next = 0;
    end = Math.max(count, 0);
    return count > 0;
  }

  /** How many bytes of the buffer come before the next end of a line, or all. */
  private int endOfLine() {
    int at = next;
    while (at < end && buffer[at] != '\n') {
      at++;
    }
    return at - next;
  }

  /** A line that goes on behind the buffer, without its end. */
  private byte[] longLine() throws IOException, InputException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(2 * (end - next));
    boolean isTooLong = false;
    do {
      int length = endOfLine();
      isTooLong |= bytes.size() + length > LONGEST;
      if (!isTooLong) {
        bytes.write(buffer, next, length);
      }
      next += length;
    } while (next == end && fill());
    next = Math.min(next + 1, end);
    if (isTooLong) {
      isInsideLine = false;
      throw InputException.at(name, line, "the line is too long, expected at most 32 MiB");
    }
    return bytes.toByteArray();
  }

  /** Passes over what is left of a line. */
  private void passOverLine() throws IOException {
    do {
      next += endOfLine();
    } while (next == end && fill());
    next = Math.min(next + 1, end);
    isInsideLine = false;
  }

  /**
   * Refuses what is no text at all, rather than each of what would be taken for its lines. To be
   * asked before the first line.
   *
   * @throws InputException if there is a NUL among the first bytes, or they cannot be read
   */
  public void refuseBinary() throws InputException {
    try {
      end = stream.readNBytes(buffer, 0, HEAD);
      for (int i = 0; i < end; i++) {
        if (buffer[i] == 0) {
          throw InputException.at(name, line + 1, "is no text in UTF-8, expected one");
        }
      }
    } catch (IOException unreadable) {
      throw InputException.at(name, 0, "cannot be read: " + unreadable.getMessage());
    }
  }

  /**
   * All that comes behind the line read last, which stays to be read.
   *
   * @return empty if it is longer than {@link #LONGEST}
   * @throws InputException if it cannot be read or is no text
   */
  public Optional<String> peekRest() throws InputException {
    try {
      ByteArrayOutputStream rest = new ByteArrayOutputStream(end - next);
      rest.write(buffer, next, end - next);
      rest.write(stream.readNBytes(Math.max(0, LONGEST + 1 - rest.size())));
      buffer = rest.toByteArray();
      next = 0;
      end = buffer.length;
      return end > LONGEST ? Optional.empty() : Optional.of(decode(buffer, 0, end));
    } catch (IOException unreadable) {
      throw InputException.at(name, line, "cannot be read: " + unreadable.getMessage());
    }
  }

  @Override
  public void close() throws InputException {
    if (!isStandardInput) {
      try {
        stream.close();
      } catch (IOException failed) {
        throw InputException.at(name, 0, "cannot be closed: " + failed.getMessage());
      }
    }
  }

  /** The text of a file without the byte order mark that some editors put in front. */
  private static String withoutMark(String text) {
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  private String decode(byte[] bytes, int from, int length) throws InputException {
    if (isAscii(bytes, from, length)) {
      return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, from, length))
          .toString();
    } catch (CharacterCodingException binary) {
      throw InputException.at(name, line, "is no text in UTF-8, expected one");
    }
  }

  private static boolean isAscii(byte[] bytes, int from, int length) {
    int bits = 0;
    for (int i = from; i < from + length; i++) {
      bits |= bytes[i];
    }
    return bits >= 0;
  }
}
