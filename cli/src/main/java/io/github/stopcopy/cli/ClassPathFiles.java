package io.github.stopcopy.cli;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipFile;

/**
 * The files on the class path, among which plugins are; the JVM reads over those that are no jar.
 */
final class ClassPathFiles {

  private ClassPathFiles() {}

  /** A line for each file that is no jar, or one that is cut off. */
  static List<String> problems() {
    return problems(System.getProperty("java.class.path", ""));
  }

  static List<String> problems(String classPath) {
    List<String> problems = new ArrayList<>();
    for (String place : classPath.split(File.pathSeparator)) {
      File file = new File(place);
      if (!file.isFile()) {
        continue;
      }
      try {
        new ZipFile(file).close();
      } catch (IOException unreadable) {
        problems.add(
            "a plugin could not be loaded and is left out: "
                + place
                + " is no jar that can be read ("
                + unreadable.getMessage()
                + "), expected one");
      }
    }
    return problems;
  }
}
