package io.github.stopcopy.standin;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.live.qmp.QmpAnswer;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpValue;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A small VM with stood-in devices and RAM on both sides of 4 GiB, whose processor halts at its
 * first instruction: nobody writes into its RAM but the devices. Not thread-safe.
 */
final class TrackedVm implements AutoCloseable {

  /** The socket of the tracker server, in the folder of the source. */
  static final String TRACKER = "tracker";

  private static final int FIRMWARE_BYTES = 0x10000;
  private static final int RESET_VECTOR = FIRMWARE_BYTES - 16;

  /** CLI; HLT; back to HLT. */
  private static final byte[] HALT = {(byte) 0xfa, (byte) 0xf4, (byte) 0xeb, (byte) 0xfd};

  private static final int LONGEST_TEXT = 400;

  private final QemuRun qemu;
  private final Path folder;

  private TrackedVm(QemuRun qemu, Path folder) {
    this.qemu = qemu;
    this.folder = folder;
  }

  /**
   * Starts one.
   *
   * @param folder its own; if its devices write, the server listens there already
   * @param more words of the command line
   */
  static TrackedVm start(
      StandinSession session,
      QemuBinary binary,
      StandinLibrary library,
      Path folder,
      TrackedSetup setup,
      List<String> more)
      throws IOException {
    configure(folder, setup);
    byte[] firmware = new byte[FIRMWARE_BYTES];
    Arrays.fill(firmware, HALT[1]);
    System.arraycopy(HALT, 0, firmware, RESET_VECTOR, HALT.length);
    Files.write(folder.resolve("halt.bin"), firmware);
    List<String> argv = new ArrayList<>(List.of("-nodefaults", "-no-user-config"));
    argv.addAll(List.of("-display", "none", "-vga", "none"));
    argv.addAll(List.of("-machine", "q35,max-ram-below-4g=" + setup.ramBelow4g() + "M"));
    argv.addAll(List.of("-accel", binary.kvm() ? "kvm" : "tcg"));
    argv.addAll(List.of("-m", setup.ramBelow4g() + setup.ramAbove4g() + "M"));
    argv.addAll(List.of("-bios", folder.resolve("halt.bin").toString()));
    if (setup.iommufd()) {
      argv.addAll(List.of("-object", "iommufd,id=iommufd0"));
    }
    for (String device : setup.devices()) {
      argv.add("-device");
      argv.add(
          "vfio-pci,sysfsdev="
              + folder.resolve("sys").resolve(device)
              + (setup.iommufd() ? ",iommufd=iommufd0" : ""));
    }
    argv.addAll(more);
    List<String> command = new ArrayList<>(List.of(binary.program().toString()));
    command.addAll(argv);
    command.addAll(List.of("-qmp", "unix:" + folder.resolve("qmp") + ",server=on,wait=off"));
    return new TrackedVm(QemuRun.start(session, library, folder, argv, command), folder);
  }

  private static void configure(Path folder, TrackedSetup setup) throws IOException {
    List<String> lines = new ArrayList<>(List.of("[container]"));
    Path tracker = folder.resolve(TRACKER);
    if (Files.exists(tracker)) {
      lines.add("tracker=" + tracker);
    }
    for (int i = 0; i < setup.devices().size(); i++) {
      String device = setup.devices().get(i);
      lines.add("[device " + device + "]");
      lines.add("group=" + (i + 1));
      lines.add("migration=7");
      lines.add("dma_logging=1");
      lines.add("dma_buf=1");
      lines.add("stop_copy_bytes=" + TrackedSetup.STOP_COPY_BYTES);
      StandinConfig.sysfs(folder, i, device, i + 1);
    }
    Files.write(folder.resolve("standin.conf"), lines);
  }

  void connect() throws QemuRun.Ended, IOException {
    qemu.connect(false);
  }

  /** Sends a command that must work. */
  void order(QmpCommand command) throws QemuRun.Ended {
    QmpAnswer answer = qemu.execute(command);
    if (answer.error().isPresent()) {
      throw new QemuRun.Ended(
          "QEMU refuses " + command.name() + ": " + answer.error().get(), false);
    }
  }

  /** Sets a parameter of migrations, if this release has it. */
  void prefer(String parameter, long value) throws QemuRun.Ended {
    qemu.execute(QmpCommand.of("migrate-set-parameters").with(parameter, QmpValue.of(value)));
  }

  String migrationStatus() throws QemuRun.Ended {
    return qemu.ask(QmpCommand.of("query-migrate")).text("status").orElse("none");
  }

  /** How often the migration has looked for dirty pages. */
  long syncs() throws QemuRun.Ended {
    Optional<QmpValue> ram = qemu.ask(QmpCommand.of("query-migrate")).get("ram");
    return ram.flatMap(counts -> counts.number("dirty-sync-count")).orElse(0L);
  }

  /** What devices may write to now, ascending; pieces that touch are one. */
  List<AddressRange> writable() throws IOException {
    StandinEvents events = new StandinEvents();
    events.read(new LogTail(folder.resolve("events")).next());
    QmpValue containers = events.dmaMap();
    List<AddressRange> ranges = new ArrayList<>();
    for (String container : containers.keys()) {
      for (QmpValue row : containers.list(container)) {
        List<QmpValue> cells = row.elements();
        if (cells.get(2).text().orElse("").equals("rw")) {
          long first = hex(cells.get(0));
          ranges.add(new AddressRange(first, first + hex(cells.get(1)) - 1));
        }
      }
    }
    return joined(AddressRange.disjoint(ranges));
  }

  private static long hex(QmpValue cell) {
    return Long.parseUnsignedLong(cell.text().orElse("0x0").substring(2), 16);
  }

  private static List<AddressRange> joined(List<AddressRange> ascending) {
    List<AddressRange> joined = new ArrayList<>();
    for (AddressRange range : ascending) {
      int latest = joined.size() - 1;
      if (latest >= 0 && joined.get(latest).last() + 1 == range.first()) {
        range = new AddressRange(joined.remove(latest).first(), range.last());
      }
      joined.add(range);
    }
    return joined;
  }

  /** Saves a piece of its RAM, as the guest sees it, into a file. */
  Path save(AddressRange ram) throws QemuRun.Ended {
    Path file = folder.resolve("ram");
    order(
        QmpCommand.of("pmemsave")
            .with("val", unsigned(ram.first()))
            .with("size", unsigned(ram.last() - ram.first() + 1))
            .with("filename", file.toString()));
    return file;
  }

  private static QmpValue unsigned(long number) {
    return QmpValue.of(new BigInteger(Long.toUnsignedString(number)));
  }

  /** What it says of a migration that failed, and what it printed last. */
  String complaint() throws IOException {
    String why = "";
    try {
      why = qemu.ask(QmpCommand.of("query-migrate")).text("error-desc").orElse("");
    } catch (QemuRun.Ended gone) {
      why = "QEMU has ended";
    }
    String printed = qemu.lastWords();
    String all = why + (why.isEmpty() || printed.isEmpty() ? "" : "; ") + printed;
    return all.length() > LONGEST_TEXT ? all.substring(0, LONGEST_TEXT) + "..." : all;
  }

  @Override
  public void close() throws IOException {
    qemu.close();
  }
}
