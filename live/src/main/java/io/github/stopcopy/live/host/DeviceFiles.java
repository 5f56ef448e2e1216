package io.github.stopcopy.live.host;

import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.host.HostDevice.Msix;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import io.github.stopcopy.live.host.PciRegisters.MsixFound;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the facts of one device. */
final class DeviceFiles {

  private static final Pattern ID = Pattern.compile("0x([0-9a-f]{4})");

  private final HostTree tree;
  private final Findings findings;
  private final PciDevice device;

  private DeviceFiles(HostTree tree, Findings findings, PciDevice device) {
    this.tree = tree;
    this.findings = findings;
    this.device = device;
  }

  static HostDeviceBuilder read(
      HostTree tree, Machine machine, Findings findings, PciDevice device) {
    DeviceFiles files = new DeviceFiles(tree, findings, device);
    HostDeviceBuilder facts = HostDevice.builder();
    files.names(facts);
    new MigrationFiles(tree, machine, findings, device).read(facts);
    files.bars(facts);
    files.msix(facts);
    return facts;
  }

  private void names(HostDeviceBuilder facts) {
    Optional<String> vendor = id("vendor");
    Optional<String> id = id("device");
    if (vendor.isPresent() && id.isPresent()) {
      String pciId = vendor.get() + ":" + id.get();
      facts.pciId(pciId);
      known("pci-id", pciId, "vendor");
    } else {
      unknown("pci-id", "vendor", "a readable file");
    }
    if (device.driver().isPresent()) {
      facts.driver(device.driver().get());
      known("driver", device.driver().get(), "driver");
    } else {
      unknown(
          "driver",
          "driver",
          "no driver is bound: driverctl set-override " + device.address() + " NAME binds one");
    }
    if (device.group().isPresent()) {
      int group = device.group().getAsInt();
      facts.group(group);
      known("group", Integer.toString(group), "iommu_group");
    } else {
      unknown("group", "iommu_group", "an IOMMU that is on, in firmware and kernel");
    }
  }

  private Optional<String> id(String file) {
    Matcher id = ID.matcher(tree.read(device.file(file)).text().orElse(""));
    return id.matches() ? Optional.of(id.group(1)) : Optional.empty();
  }

  private void bars(HostDeviceBuilder facts) {
    Optional<Map<Integer, Bar>> bars =
        tree.read(device.file("resource")).text().flatMap(PciRegisters::bars);
    if (bars.isEmpty() || bars.get().isEmpty()) {
      unknown("bars", "resource", bars.isEmpty() ? "a readable file" : "a device with BARs");
      return;
    }
    bars.get().forEach(facts::bar);
    known("bars", text(bars.get()), "resource");
    if (bars.get().values().stream().anyMatch(Bar::mmap)) {
      findings.assumed(
          device.address(),
          "bars.mmap",
          "yes, those of memory",
          Findings.DEFAULT,
          "what the kernel maps of a BAR is not in sysfs",
          "the probe while no VM has the device");
    }
  }

  private void msix(HostDeviceBuilder facts) {
    Reading config = tree.head(device.file("config"), PciRegisters.CONFIG_SIZE);
    if (!(config instanceof Reading.Found found)) {
      boolean isDenied = config instanceof Reading.Denied;
      unknown("msix", "config", isDenied ? "root, who can read the file" : "a readable file");
      return;
    }
    MsixFound msix = PciRegisters.msix(found.bytes());
    if (msix instanceof MsixFound.Capability capability) {
      facts.msix(capability.msix());
      known("msix", text(capability.msix()), "config");
    } else if (msix instanceof MsixFound.None) {
      known("msix", "none", "config");
    } else if (msix instanceof MsixFound.Hidden) {
      unknown("msix", "config", "root, who can read all of the file");
    } else {
      unknown("msix", "config", "a file with a configuration space");
    }
  }

  static String text(Map<Integer, Bar> bars) {
    return bars.entrySet().stream()
        .map(bar -> bar.getKey() + ": " + text(bar.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String text(Bar bar) {
    return size(bar.size())
        + " "
        + bar.kind().name().toLowerCase(Locale.ROOT)
        + (bar.prefetchable() ? " prefetchable" : "")
        + (bar.mmap() || bar.kind() == BarKind.IO ? "" : " not mapped");
  }

  /** A power of two in words. */
  private static String size(long bytes) {
    String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int unit = Long.numberOfTrailingZeros(bytes) / 10;
    return (bytes >>> unit * 10) + " " + units[Math.min(unit, units.length - 1)];
  }

  static String text(Msix msix) {
    return msix.vectors()
        + " vectors in BAR "
        + msix.bar()
        + " at 0x"
        + Long.toHexString(msix.offset());
  }

  private void known(String fact, String value, String file) {
    findings.known(device.address(), fact, value, Findings.SYSFS, "/" + device.file(file));
  }

  private void unknown(String fact, String file, String better) {
    findings.unknown(device.address(), fact, "/" + device.file(file), better);
  }
}
