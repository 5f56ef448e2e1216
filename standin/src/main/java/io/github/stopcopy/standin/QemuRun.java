package io.github.stopcopy.standin;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.live.qmp.QmpAnswer;
import io.github.stopcopy.live.qmp.QmpClient;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpEvent;
import io.github.stopcopy.live.qmp.QmpValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * One QEMU that runs on the stand-in kernel, with its sockets and logs in a folder of its own. All
 * waits end. Not thread-safe.
 */
final class QemuRun implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int EXIT_SECONDS = 60;
  private static final int POLL_MILLIS = 20;

  /** Something that is printed may come a little later than the answer to a command. */
  private static final int QUIET_POLLS = 3;

  private static final int MOST_POLLS = 100;

  /** A signal ends a process with this much more in the exit code that Java tells. */
  private static final int SIGNALLED = 128;

  private final StandinSession session;
  private final Path folder;
  private final List<String> argv;
  private final Process process;
  private final LogTail stderr;
  private final LogTail events;
  private final LogTail trace;
  private final StandinEvents read = new StandinEvents();
  private Optional<QmpClient> qmp = Optional.empty();
  private Optional<Qtest> qtest = Optional.empty();

  /** QEMU has ended, or does not answer. */
  static final class Ended extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean isHang;

    Ended(String message, boolean isHang) {
      super(message);
      this.isHang = isHang;
    }

    boolean isHang() {
      return isHang;
    }
  }

  private QemuRun(StandinSession session, Path folder, List<String> argv, Process process) {
    this.session = session;
    this.folder = folder;
    this.argv = argv;
    this.process = process;
    stderr = new LogTail(folder.resolve("stderr"));
    events = new LogTail(folder.resolve("events"));
    trace = new LogTail(folder.resolve("trace"));
  }

  /** Starts QEMU; nothing is asked of it yet. */
  static QemuRun start(
      StandinSession session, QemuBinary binary, StandinLibrary library, Scene scene)
      throws IOException {
    Path folder = session.newFolder();
    String path = folder.toString();
    StandinConfig.write(folder, scene.scenario().host(), scene.devices());
    boolean isInFlash = scene.argv().stream().anyMatch(word -> word.contains(Scene.FLASH));
    if (isInFlash && binary.firmware().isPresent()) {
      Files.copy(binary.firmware().get(), folder.resolve("flash.img"));
    }
    List<String> argv = new ArrayList<>();
    scene.argv().forEach(word -> argv.add(word.replace(Scene.FOLDER, path)));
    List<String> command = new ArrayList<>(List.of(binary.program().toString()));
    command.addAll(argv);
    command.addAll(List.of("-qmp", "unix:" + path + "/qmp,server=on,wait=off"));
    if (scene.programsViommu()) {
      command.addAll(List.of("-qtest", "unix:" + path + "/qtest,server=on,wait=off"));
      command.addAll(List.of("-qtest-log", "none"));
    }
    command.addAll(List.of("-trace", "vfio_listener_region_add*", "-D", path + "/trace"));
    return start(session, library, folder, argv, command);
  }

  /**
   * Starts a QEMU in a folder that has the configuration of its stand-in.
   *
   * @param argv the words it is described by
   * @param command all words; the socket of QMP is {@code qmp} in the folder
   */
  static QemuRun start(
      StandinSession session,
      StandinLibrary library,
      Path folder,
      List<String> argv,
      List<String> command)
      throws IOException {
    String path = folder.toString();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(folder.resolve("stderr").toFile());
    Map<String, String> environment = builder.environment();
    environment.put("LD_PRELOAD", library.path().toString());
    environment.put("STOPCOPY_STANDIN_CONF", path + "/standin.conf");
    environment.put("STOPCOPY_STANDIN_LOG", path + "/events");
    return new QemuRun(session, folder, argv, session.start(builder));
  }

  String folder() {
    return folder.toString();
  }

  /** The process that was started. */
  long pid() {
    return process.pid();
  }

  /** The words it was started with. */
  List<String> argv() {
    return argv;
  }

  /** Connects to its sockets, once they are there. */
  void connect(boolean withQtest) throws Ended, IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (qmp.isEmpty()) {
      try {
        if (Files.exists(folder.resolve("qmp"))) {
          qmp = Optional.of(QmpClient.connect(folder.resolve("qmp"), PATIENCE));
        }
      } catch (InputException notYet) {
        // it listens early and answers once its devices are realized
      }
      if (qmp.isEmpty()) {
        if (!process.isAlive()) {
          throw new Ended("exited", false);
        } else if (System.nanoTime() - deadline > 0) {
          throw new Ended("no QMP within two minutes", true);
        }
        sleep(POLL_MILLIS / 2);
      }
    }
    if (withQtest) {
      qtest = Optional.of(Qtest.connect(folder.resolve("qtest"), PATIENCE));
    }
  }

  Qtest qtest() {
    return qtest.orElseThrow();
  }

  /** Sends a command and waits for the answer. */
  QmpAnswer execute(QmpCommand command) throws Ended {
    if (qmp.isEmpty()) { // it has ended, or been ended, while it started
      throw new Ended("has no QMP", process.isAlive());
    }
    try {
      return qmp.orElseThrow().execute(command);
    } catch (InputException broken) {
      throw ended(broken);
    }
  }

  /** What a command returns that cannot fail. */
  QmpValue ask(QmpCommand command) throws Ended {
    return execute(command).value().orElse(QmpValue.NO_KEYS);
  }

  /** Waits for an event about a device. */
  boolean awaitEvent(String name, String device, Duration patience) throws Ended {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      while (true) {
        long left = deadline - System.nanoTime();
        Optional<QmpEvent> event = qmp.orElseThrow().nextEvent(Duration.ofNanos(Math.max(0, left)));
        if (event.isEmpty()) {
          return false;
        } else if (event.get().name().equals(name)
            && event.get().data().text("device").orElse("").equals(device)) {
          return true;
        }
      }
    } catch (InputException broken) {
      throw ended(broken);
    }
  }

  private Ended ended(InputException broken) {
    boolean isGone = qmp.map(QmpClient::isPeerGone).orElse(true) || !process.isAlive();
    return new Ended(broken.problem(), !isGone);
  }

  static void sleep(long millis) throws Ended {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new Ended("interrupted", true);
    }
  }

  /** Waits until nothing more is printed, and gives what was to the step it belongs to. */
  void collect(StepRecord into) throws Ended, IOException {
    long last = -1;
    int quiet = 0;
    for (int i = 0; i < MOST_POLLS && quiet < QUIET_POLLS; i++) {
      sleep(POLL_MILLIS);
      long now = stderr.size() + events.size() + trace.size();
      quiet = now == last ? quiet + 1 : 0;
      last = now;
    }
    take(into);
  }

  /** Gives what was printed until now to the step it belongs to. */
  void take(StepRecord into) throws IOException {
    into.add(stderr.next(), read.read(events.next()), trace.next());
  }

  /** What each container maps, by what was collected. */
  QmpValue dmaMap() {
    return read.dmaMap();
  }

  /** The last lines of what it printed, as one. */
  String lastWords() throws IOException {
    List<String> lines = new LogTail(folder.resolve("stderr")).next();
    return String.join("; ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** The exit code once it has ended by itself, negative for a signal; empty if it does not. */
  OptionalInt exitCode() {
    try {
      if (process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
        int code = process.exitValue();
        return OptionalInt.of(code > SIGNALLED ? SIGNALLED - code : code);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    return OptionalInt.empty();
  }

  /** Ends QEMU, by force if it does not go by itself, and deletes its folder. */
  @Override
  public void close() throws IOException {
    qtest.ifPresent(Qtest::close);
    qmp.ifPresent(QmpClient::close);
    session.end(process);
    PrivateFolder.delete(folder);
  }
}
