package io.github.stopcopy.standin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What QEMU prints on standard error, as answers have it: without the name of the program and the
 * option it speaks of, host pointers as {@code PTR}, warnings apart.
 */
final class QemuMessages {

  private static final Pattern PROGRAM = Pattern.compile("^(?:qemu-[A-Za-z0-9_.+-]+|kvm): ");
  private static final Pattern LOCATION =
      Pattern.compile("^-device .*?: (?=warning: |info: |vfio |[A-Z0-9vP])");
  private static final Pattern MAPPED =
      Pattern.compile("(dma_map\\()0x[0-9a-f]+(, 0x[0-9a-f]+, 0x[0-9a-f]+, )0x[0-9a-f]+(?=\\))");
  private static final Pattern UNMAPPED = Pattern.compile("(dma_unmap\\()0x[0-9a-f]+(?=,)");
  private static final String WARNING = "warning: ";

  /**
   * About the processor that plays the guest, the command's own options, or transfers of other
   * devices that the firmware lets loose (those of the stand-in transfer nothing), or KVM's own
   * device for VFIO, which there is none of where TCG runs the guest.
   */
  private static final List<String> NOISE =
      List.of(
          "doesn't support requested feature",
          "trace event",
          "does not match phys-bits",
          "TCG doesn't support",
          "virtio_iommu_translate sid=",
          "no buffer available in event queue",
          "KVM VFIO device isn't created yet");

  /** The processors' registers that a hardware error is followed by. */
  private static final String REGISTERS = "CPU #0";

  private final List<String> errors = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  /**
   * Sorts the lines of one step.
   *
   * @param lines as printed
   * @param argv the words QEMU was started with
   * @param folder the folder of the run, which is not repeated
   */
  QemuMessages(List<String> lines, List<String> argv, String folder) {
    List<String> locations = new ArrayList<>();
    for (int i = 0; i + 1 < argv.size(); i++) {
      if (argv.get(i).startsWith("-")) {
        locations.add(argv.get(i) + " " + argv.get(i + 1) + ": ");
      }
    }
    locations.sort(Comparator.comparingInt(String::length).reversed());
    boolean isDump = false;
    for (String line : lines) {
      String text = clean(line, locations).replace(folder, Scene.FOLDER);
      isDump |= text.startsWith(REGISTERS);
      if (NOISE.stream().anyMatch(text::contains)) {
        continue;
      }
      int warning = text.indexOf(WARNING);
      if (warning >= 0) {
        warnings.add(text.substring(warning + WARNING.length()));
      } else if (!isDump && !text.startsWith("info: ") && !text.startsWith("terminating on ")) {
        errors.add(text);
      }
    }
  }

  private static String clean(String line, List<String> locations) {
    String text = PROGRAM.matcher(line).replaceFirst("");
    String rest = text;
    for (String location : locations) {
      if (text.startsWith(location)) {
        rest = text.substring(location.length());
        break;
      }
    }
    rest = LOCATION.matcher(rest).replaceFirst("");
    rest = MAPPED.matcher(rest).replaceAll("$1PTR$2PTR");
    return UNMAPPED.matcher(rest).replaceAll("$1PTR");
  }

  List<String> errors() {
    return List.copyOf(errors);
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }
}
