package io.github.stopcopy.cli;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipFile;

/**
 * The files on the class path, among which plugins are; the JVM reads over those that are no jar,
 * and over classes of which an earlier file has one with the same name.
 */
final class ClassPathFiles {

  private static final String OUR_PACKAGES = "io/github/stopcopy/";

  private ClassPathFiles() {}

  /** A line for each file that is no jar, or one that is cut off, or has a package of ours. */
  static List<String> problems() {
    return problems(System.getProperty("java.class.path", ""));
  }

  static List<String> problems(String classPath) {
    List<String> problems = new ArrayList<>();
    String[] places = classPath.split(File.pathSeparator);
    for (int i = 0; i < places.length; i++) {
      String place = places[i];
      File file = new File(place);
      if (!file.isFile()) {
        continue;
      }
      try (ZipFile jar = new ZipFile(file)) {
        // Nothing comes before the first, which is the command itself.
        for (String folder : i == 0 ? Set.<String>of() : packagesOfOurs(jar)) {
          URL first = ClassPathFiles.class.getClassLoader().getResource(folder);
          if (first != null && !first.toString().contains(file.toURI().toString())) {
            problems.add(
                place
                    + " has classes in a package of this command, "
                    + folder.substring(0, folder.length() - 1).replace('/', '.')
                    + "; they do not count, expected a package of its own");
          }
        }
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

  private static Set<String> packagesOfOurs(ZipFile jar) {
    Set<String> folders = new TreeSet<>();
    jar.stream()
        .map(entry -> entry.getName())
        .filter(name -> name.startsWith(OUR_PACKAGES) && name.endsWith(".class"))
        .forEach(name -> folders.add(name.substring(0, name.lastIndexOf('/') + 1)));
    return folders;
  }
}
