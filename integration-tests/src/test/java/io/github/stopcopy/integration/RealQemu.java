package io.github.stopcopy.integration;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real QEMU without disks, emulated by TCG, with a QMP socket for the client that is tested and a
 * monitor of its own for the test.
 */
final class RealQemu implements AutoCloseable {

  private static final Pattern VERSION = Pattern.compile("version ([0-9]+)\\.([0-9]+)");

  private final Process process;
  private final Path folder;
  private final List<String> words;

  private RealQemu(Process process, Path folder, List<String> words) {
    this.process = process;
    this.folder = folder;
    this.words = words;
  }

  /** The same, where there is a C compiler too, without which nothing can stand in for VFIO. */
  static Optional<String> withCompiler() throws Exception {
    Optional<String> program = program();
    if (program.isPresent() && !hasCompiler()) {
      System.out.println("skipped: no C compiler here for the stand-in kernel");
      return Optional.empty();
    }
    return program;
  }

  private static boolean hasCompiler() throws Exception {
    try {
      return new ProcessBuilder("cc", "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException none) {
      return false;
    }
  }

  /**
   * The QEMU to test with, from 8.1 on: that of the variable {@code STOPCOPY_QEMU}, the one that
   * {@code .ci/get-qemu} unpacked here, or the one that is installed.
   */
  static Optional<String> program() throws Exception {
    List<String> candidates = new ArrayList<>();
    Optional.ofNullable(System.getenv("STOPCOPY_QEMU")).ifPresent(candidates::add);
    candidates.add(Checkout.ROOT.resolve(".ci/target/qemu/qemu").toString());
    candidates.add("qemu-system-x86_64");
    for (String candidate : candidates) {
      if (isNewEnough(candidate)) {
        return Optional.of(candidate);
      }
    }
    System.out.println(
        "skipped: no QEMU from 8.1 on found, which .ci/get-qemu .ci/target/qemu gets"
            + " from the system's packages");
    return Optional.empty();
  }

  private static boolean isNewEnough(String program) throws Exception {
    try {
      Process process = new ProcessBuilder(program, "--version").start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher version = VERSION.matcher(text);
      return process.waitFor() == 0
          && version.find()
          && 100 * Integer.parseInt(version.group(1)) + Integer.parseInt(version.group(2)) >= 801;
    } catch (IOException notThere) {
      return false;
    }
  }

  /** Starts a VM and waits until its sockets are there. */
  static RealQemu start(String program, Path folder, String... options) throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of("-nodefaults", "-no-user-config", "-display", "none", "-accel", "tcg"));
    words.addAll(List.of(options));
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(words);
    for (String socket : List.of("-qmp", "-monitor")) {
      command.addAll(
          List.of(socket, "unix:" + folder.resolve(socket.substring(1)) + ",server=on,wait=off"));
    }
    Path err = folder.resolve("stderr");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(err.toFile())
            .start();
    RealQemu qemu = new RealQemu(process, folder, words);
    while (!Files.exists(folder.resolve("monitor"))) {
      if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
        throw new IOException(Files.readString(err));
      }
    }
    return qemu;
  }

  /** What it was started with, without the program and the sockets. */
  List<String> words() {
    return words;
  }

  long pid() {
    return process.pid();
  }

  Path qmp() {
    return folder.resolve("qmp");
  }

  /** Gives the monitor a command, and waits until it is carried out. */
  void monitor(String command) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(folder.resolve("monitor")));
      prompt(channel);
      channel.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)));
      prompt(channel);
    }
  }

  private static void prompt(SocketChannel channel) throws IOException {
    StringBuilder text = new StringBuilder();
    ByteBuffer bytes = ByteBuffer.allocate(4096);
    while (!text.toString().endsWith("(qemu) ") && channel.read(bytes.clear()) > 0) {
      text.append(new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
