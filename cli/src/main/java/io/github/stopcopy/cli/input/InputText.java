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
  private int line;

  /** Whether the last line was left before its end, for want of memory. */
  private boolean isInsideLine;

  private boolean isUnreadable;

  private InputText(String name, InputStream stream, boolean isStandardInput) {
    this.name = name;
    this.stream = new BufferedInputStream(stream, 1 << 16);
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
      // Not Files.newInputStream, which asks pipes for their position.
      return new InputText(file, new FileInputStream(path.toFile()), false);
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
      byte[] bytes = text.stream.readNBytes(LONGEST + 1);
      if (bytes.length > LONGEST) {
        throw InputException.at(text.name, 0, "is too long, expected at most 32 MiB");
      }
      return withoutMark(text.decode(bytes));
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
      int next = isInsideLine ? afterLine() : stream.read();
      line++;
      if (next < 0) {
        return Optional.empty();
      }
      isInsideLine = true;
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 13);
      long length = 0;
      while (next >= 0 && next != '\n') {
        if (length++ < LONGEST) {
          bytes.write(next);
        }
        next = stream.read();
      }
      isInsideLine = false;
      if (length > LONGEST) {
        throw InputException.at(name, line, "the line is too long, expected at most 32 MiB");
      }
      String text = decode(bytes.toByteArray());
      return Optional.of(line == 1 ? withoutMark(text) : text);
    } catch (IOException unreadable) {
      isUnreadable = true;
      throw InputException.at(name, line, "cannot be read: " + unreadable.getMessage());
    }
  }

  /** Passes over what is left of a line, and answers the first byte behind it. */
  private int afterLine() throws IOException {
    int next = stream.read();
    while (next >= 0 && next != '\n') {
      next = stream.read();
    }
    return next < 0 ? next : stream.read();
  }

  /**
   * Refuses what is no text at all, rather than each of what would be taken for its lines.
   *
   * @throws InputException if there is a NUL among the first bytes, or they cannot be read
   */
  public void refuseBinary() throws InputException {
    try {
      stream.mark(HEAD);
      byte[] head = stream.readNBytes(HEAD);
      stream.reset();
      for (byte each : head) {
        if (each == 0) {
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
      stream.mark(LONGEST + 1);
      byte[] rest = stream.readNBytes(LONGEST + 1);
      stream.reset();
      return rest.length > LONGEST ? Optional.empty() : Optional.of(decode(rest));
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

  private String decode(byte[] bytes) throws InputException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes))
          .toString();
    } catch (CharacterCodingException binary) {
      throw InputException.at(name, line, "is no text in UTF-8, expected one");
    }
  }
}
