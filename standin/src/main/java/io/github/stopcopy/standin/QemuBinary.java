package io.github.stopcopy.standin;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.profile.QemuProfile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A QEMU to play scenarios on. Immutable.
 *
 * @param program its path, or that of a script that starts it
 * @param version what it says of itself, e.g. {@code 10.0.13 (Debian 1:10.0.13+ds-0+deb13u1)}
 * @param profile the release that answers for it
 * @param notes what is to be told about that choice, a line each
 * @param kvm whether it can use KVM here; else TCG runs the guest
 * @param booleans the properties of {@code vfio-pci} that are switches
 * @param firmware the SeaBIOS it comes with; empty if there is none
 */
public record QemuBinary(
    Path program,
    String version,
    QemuProfile profile,
    List<String> notes,
    boolean kvm,
    List<String> booleans,
    Optional<Path> firmware) {

  private static final Pattern VERSION =
      Pattern.compile("(?m)^QEMU emulator version (([0-9]+)\\.([0-9]+)\\.([0-9]+).*)$");
  private static final Pattern PROPERTY = Pattern.compile("(?m)^ +([A-Za-z0-9_-]+)=<bool>");
  private static final List<String> PASSTHROUGH =
      List.of("x-migration-iommu-pt", "x-orcl-migration-iommu-pt");
  private static final int ANSWER_SECONDS = 60;

  /** Copies the lists. */
  public QemuBinary {
    notes = List.copyOf(notes);
    booleans = List.copyOf(booleans);
  }

  /**
   * Asks a program what it is.
   *
   * @param program a path, or a name to be found on the path
   * @param release the release that is to answer for it; empty: the one of its version
   * @param session what the program is started in
   * @throws InputException if there is no such program, it is no QEMU for x86, or one that is not
   *     modelled
   */
  public static QemuBinary probe(
      String program, Optional<QemuProfile> release, StandinSession session) throws InputException {
    Path path = find(program);
    String answer = ask(session, path, program, "--version");
    Matcher version = VERSION.matcher(answer);
    if (!version.find()) {
      throw InputException.at(
          program, 0, "does not say which version of QEMU it is, expected qemu-system-x86_64");
    }
    String machines = ask(session, path, program, "-machine", "help");
    if (!machines.contains("q35")) {
      throw InputException.at(program, 0, "has no machine q35, expected qemu-system-x86_64");
    }
    String help = ask(session, path, program, "-device", "vfio-pci,help");
    TreeSet<String> booleans = new TreeSet<>();
    Matcher property = PROPERTY.matcher(help);
    while (property.find()) {
      booleans.add(property.group(1));
    }
    if (!help.contains("sysfsdev")) {
      throw InputException.at(program, 0, "has no device vfio-pci, expected one that assigns");
    }
    List<String> notes = new ArrayList<>();
    QemuProfile profile =
        release.isPresent() ? release.get() : choose(version.group(1), booleans, notes);
    Optional<Path> firmware =
        ask(session, path, program, "-L", "help")
            .lines()
            .map(folder -> Path.of(folder.strip(), "bios-256k.bin"))
            .filter(Files::isReadable)
            .findFirst();
    boolean kvm =
        Files.isReadable(Path.of("/dev/kvm"))
            && Files.isWritable(Path.of("/dev/kvm"))
            && ask(session, path, program, "-accel", "help").contains("kvm");
    return new QemuBinary(
        path, version.group(1), profile, notes, kvm, List.copyOf(booleans), firmware);
  }

  private static QemuProfile choose(String version, TreeSet<String> booleans, List<String> notes)
      throws InputException {
    QemuProfile.Choice choice = QemuProfile.choose(version.split(" ", 2)[0]);
    QemuProfile profile = choice.profile();
    choice.warning().ifPresent(notes::add);
    for (String option : PASSTHROUGH) {
      if (booleans.contains(option)) {
        boolean early = profile == QemuProfile.V8_1 || profile == QemuProfile.V8_2;
        notes.add(
            "a downstream build: its vfio-pci has "
                + option
                + (early ? "" : ", which the model does not know of " + profile.id()));
        profile = early ? QemuProfile.V8_1_IOMMU_PT : profile;
      }
    }
    return profile;
  }

  private static Path find(String program) throws InputException {
    List<Path> places = new ArrayList<>();
    if (program.contains("/")) {
      places.add(Path.of(program));
    } else {
      for (String folder : Optional.ofNullable(System.getenv("PATH")).orElse("").split(":")) {
        places.add(Path.of(folder, program));
      }
    }
    for (Path place : places) {
      if (Files.isRegularFile(place) && Files.isExecutable(place)) {
        return place.toAbsolutePath();
      }
    }
    throw InputException.at(
        program, 0, "no such program, expected the path of a qemu-system-x86_64");
  }

  /** What it prints with some words. */
  String ask(StandinSession session, String... words) throws InputException {
    return ask(session, program, program.toString(), words);
  }

  private static String ask(StandinSession session, Path path, String name, String... words)
      throws InputException {
    List<String> command = new ArrayList<>(List.of(path.toString()));
    command.addAll(List.of(words));
    try {
      Path out = session.newFolder().resolve("out");
      Process process =
          session.start(
              new ProcessBuilder(command)
                  .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                  .redirectErrorStream(true)
                  .redirectOutput(out.toFile()));
      try {
        if (!process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS)) {
          throw InputException.at(
              name, 0, "does not answer to " + String.join(" ", words) + " in a minute");
        }
        return Files.readString(out, StandardCharsets.ISO_8859_1);
      } finally {
        session.end(process);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw InputException.at(name, 0, "interrupted while it was asked");
    } catch (IOException failed) {
      throw InputException.at(name, 0, "cannot be started: " + failed.getMessage());
    }
  }
}
