package io.github.stopcopy.cli.input;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.json.InputDigest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads files whole and remembers which, with a digest of each. Not thread-safe. */
public final class ReadFiles {

  private final List<InputDigest> digests = new ArrayList<>();
  private final Map<String, String> texts = new HashMap<>();

  /**
   * Reads a file, or standard input for {@code -}.
   *
   * @param option how it is asked for, e.g. {@code --host}
   * @throws InputException as {@link InputText#readAll} does
   */
  public String read(String option, String file) throws InputException {
    String text = InputText.readAll(file);
    texts.put(option, text);
    InputDigest digest = new InputDigest(option, file, sha256(text));
    if (digests.stream().noneMatch(known -> isSame(known, digest))) {
      digests.add(digest);
    }
    return text;
  }

  private static boolean isSame(InputDigest one, InputDigest other) {
    return one.option().equals(other.option()) && one.equals(other);
  }

  /** The text that was read last for an option; empty if none was. */
  public Optional<String> text(String option) {
    return Optional.ofNullable(texts.get(option));
  }

  /** What was read, in that order. */
  public List<InputDigest> digests() {
    return List.copyOf(digests);
  }

  private static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }
}
