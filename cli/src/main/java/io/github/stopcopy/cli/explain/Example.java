package io.github.stopcopy.cli.explain;

import io.github.stopcopy.migration.lint.LintCode;
import io.github.stopcopy.migration.reason.ReasonCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Arguments with which a reason is there, or with which it is not.
 *
 * @param verdict what {@code stopcopy} answers, in one word
 * @param files the files that it reads, by name, as lines; the right one has those of the wrong one
 *     that it does not replace
 * @param command the words behind {@code stopcopy}
 */
public record Example(String verdict, Map<String, List<String>> files, String command) {

  private static final String CODE = "== ";
  private static final String VERDICT = "-- ";
  private static final String FILE = "<< ";
  private static final String COMMAND = ">> ";

  /**
   * The two of a code.
   *
   * @param wrong with which the reason is there
   * @param right with which it is not
   */
  public record Pair(Example wrong, Example right) {

    /** The files of the right one that are not as in the wrong one. */
    public Map<String, List<String>> changed() {
      Map<String, List<String>> changed = new LinkedHashMap<>(right.files);
      changed.entrySet().removeAll(wrong.files.entrySet());
      return changed;
    }
  }

  /** Those of a code; every code has them. */
  public static Pair of(ReasonCode code) {
    return of("examples.txt", code.name());
  }

  /** Those of a code of the linter, which it finds in the wrong one only; every code has them. */
  public static Pair of(LintCode code) {
    return of("lint-examples.txt", code.name());
  }

  private static Pair of(String resource, String code) {
    try (InputStream file = Example.class.getResourceAsStream(resource);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null && !line.equals(CODE + code)) {
        line = lines.readLine();
      }
      if (line == null) {
        throw new IllegalStateException("no example of " + code);
      }
      Map<String, List<String>> files = new LinkedHashMap<>();
      Example wrong = read(lines, files);
      return new Pair(wrong, read(lines, files));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static Example read(BufferedReader lines, Map<String, List<String>> files)
      throws IOException {
    String verdict = "";
    List<String> file = new ArrayList<>();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(VERDICT)) {
        verdict = line.substring(line.indexOf(": ") + 2);
      } else if (line.startsWith(FILE)) {
        file = new ArrayList<>();
        files.put(line.substring(FILE.length()), file);
      } else if (line.startsWith(COMMAND)) {
        return new Example(verdict, new LinkedHashMap<>(files), line.substring(COMMAND.length()));
      } else {
        file.add(line);
      }
    }
    throw new IllegalStateException("an example without a command");
  }
}
