package io.github.stopcopy.standin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A program of a few lines that does what a VMM does, on the stand-in kernel. */
final class SmallVmm implements AutoCloseable {

  private final Process process;
  private final BufferedReader out;
  private final Writer in;

  private SmallVmm(Process process) {
    this.process = process;
    out = process.inputReader(StandardCharsets.US_ASCII);
    in = process.outputWriter(StandardCharsets.US_ASCII);
  }

  /** Compiles it into a folder. */
  static Path compile(Path folder) throws Exception {
    Path source = folder.resolve("vmm.c");
    try (var code = SmallVmm.class.getResourceAsStream("vmm.c")) {
      Files.copy(Objects.requireNonNull(code), source);
    }
    Path program = folder.resolve("vmm");
    Process compiler =
        new ProcessBuilder("cc", "-O1", "-o", program.toString(), source.toString())
            .inheritIO()
            .start();
    if (compiler.waitFor() != 0) {
      throw new IOException("vmm.c cannot be compiled");
    }
    return program;
  }

  /** Starts it in a folder of its own with one device, whose tracker listens at a socket. */
  static SmallVmm start(Path program, Path library, Path folder, Path socket) throws IOException {
    Path configuration =
        Files.write(
            folder.resolve("standin.conf"),
            List.of(
                "[container]",
                "tracker=" + socket,
                "tracker_timeout_ms=1500",
                "[device 0000:01:00.0]",
                "group=1",
                "migration=3",
                "dma_logging=1"));
    ProcessBuilder builder =
        new ProcessBuilder(program.toString()).redirectError(folder.resolve("stderr").toFile());
    builder.environment().put("LD_PRELOAD", library.toString());
    builder.environment().put("STOPCOPY_STANDIN_CONF", configuration.toString());
    SmallVmm vmm = new SmallVmm(builder.start());
    if (!"ready".equals(vmm.out.readLine())) {
      throw new IOException("the stand-in has no device");
    }
    return vmm;
  }

  /** Has it do something; its answer begins with an errno or 0. */
  String does(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
    return String.valueOf(out.readLine());
  }

  @Override
  public void close() throws IOException {
    in.close();
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
