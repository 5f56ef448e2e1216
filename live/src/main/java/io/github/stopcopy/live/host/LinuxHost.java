package io.github.stopcopy.live.host;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostContainerBuilder;
import io.github.stopcopy.core.host.HostDeviceBuilder;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.HostFactsBuilder;
import io.github.stopcopy.json.HostDocument;
import io.github.stopcopy.json.HostDocument.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * A Linux host, this one or a copy of its files, and what it tells of the PCI devices that it can
 * assign (R-HOST C1, C2, C4). Reads plain files below one folder, each up to a bound, and no link
 * leads out of it; opens no device, changes nothing and needs no rights: what somebody with more
 * rights could read is told as unknown. Files are read at each call. Thread-safe.
 *
 * {@snippet file="LinuxHostTest.java" region="host"}
 */
public final class LinuxHost {

  private final HostTree tree;
  private final List<Probe> probes;

  private LinuxHost(HostTree tree, List<Probe> probes) {
    this.tree = tree;
    this.probes = probes;
  }

  /**
   * This machine.
   *
   * @throws InputException if it is none with Linux
   */
  public static LinuxHost running() throws InputException {
    return below(Path.of("/"));
  }

  /**
   * A copy of a host's files, such as a report for support that was unpacked.
   *
   * @param root the folder in which {@code sys} and {@code proc} are
   * @throws InputException if neither is there
   */
  public static LinuxHost below(Path root) throws InputException {
    Path real;
    try {
      real = root.toRealPath();
    } catch (IOException missing) {
      throw InputException.at(root.toString(), 0, "no such folder, expected one with sys and proc");
    }
    HostTree tree = new HostTree(real);
    if (!Files.isDirectory(real)
        || !(tree.look("sys") instanceof Reading.Found
            || tree.look("proc") instanceof Reading.Found)) {
      throw InputException.at(
          root.toString(), 0, "neither sys nor proc is here, expected the files of a Linux host");
    }
    return new LinuxHost(tree, List.of());
  }

  /**
   * The same host with what a probe was told, which outdoes what files tell. Of several probes what
   * all say of the IOMMU holds.
   *
   * @param source the name of the text for messages, e.g. of the file
   * @param json what {@code docs/probe/stopcopy-probe.c} printed
   * @throws InputException if it is nothing that the probe prints
   */
  public LinuxHost probed(String source, String json) throws InputException {
    List<Probe> more = new ArrayList<>(probes);
    more.add(Probe.read(source, json));
    return new LinuxHost(tree, List.copyOf(more));
  }

  /**
   * The devices that are bound to a VFIO driver, and those that were probed.
   *
   * @throws InputException if a probe is of another host's device
   */
  public HostReport vfioDevices() throws InputException {
    Map<String, PciDevice> all = all();
    Set<String> chosen = new HashSet<>();
    all.forEach((address, device) -> {
      if (device.isBoundToVfio()) {
        chosen.add(address);
      }
    });
    return report(all, chosen);
  }

  /**
   * All devices that have an IOMMU group, whatever their driver, but bridges.
   *
   * @throws InputException if a probe is of another host's device
   */
  public HostReport allDevices() throws InputException {
    Map<String, PciDevice> all = all();
    Set<String> chosen = new HashSet<>(candidates(all.values(), Set.of()));
    all.forEach((address, device) -> {
      if (device.isBoundToVfio()) {
        chosen.add(address);
      }
    });
    return report(all, chosen);
  }

  /**
   * Certain devices, whatever their driver.
   *
   * @param addresses as sysfs has them, e.g. {@code 0000:3b:00.2}; the domain 0000 may be left out
   * @throws InputException if there is no such device, or a probe is of another host's device
   */
  public HostReport devices(List<String> addresses) throws InputException {
    Map<String, PciDevice> all = all();
    Set<String> chosen = new HashSet<>();
    for (String given : addresses) {
      String lower = given.toLowerCase(Locale.ROOT);
      String address = PciDevice.isAddress(lower) ? lower : "0000:" + lower;
      if (!all.containsKey(address)) {
        throw InputException.of(
            "device '"
                + given
                + "' is not below "
                + tree.root().resolve(PciDevice.FOLDER)
                + ", expected one that is, such as 0000:3b:00.2");
      }
      chosen.add(address);
    }
    return report(all, chosen);
  }

  private Map<String, PciDevice> all() throws InputException {
    Map<String, PciDevice> all = new LinkedHashMap<>();
    for (String address : PciDevice.addresses(tree)) {
      all.put(address, PciDevice.read(tree, address));
    }
    for (Probe probe : probes) {
      for (String device : probe.devices()) {
        if (!all.containsKey(device)) {
          throw InputException.at(
              probe.source(),
              0,
              "device '" + device + "' is none of this host, expected its probe");
        }
      }
    }
    return all;
  }

  private List<String> candidates(Iterable<PciDevice> devices, Set<String> without) {
    List<String> candidates = new ArrayList<>();
    for (PciDevice device : devices) {
      if (device.group().isPresent()
          && !without.contains(device.address())
          && !device.isBridge(tree)) {
        candidates.add(device.address());
      }
    }
    return candidates;
  }

  private HostReport report(Map<String, PciDevice> all, Set<String> chosen) throws InputException {
    probes.forEach(probe -> chosen.addAll(probe.devices()));
    HostFactsBuilder host = HostFacts.builder();
    Findings findings = new Findings();
    Machine machine = Machine.read(tree, host, findings);
    probes.forEach(probe -> probe.addTo(host, findings));
    List<PciDevice> devices =
        all.values().stream().filter(device -> chosen.contains(device.address())).toList();
    containers(all, devices, machine, host, findings);
    Map<String, List<Map.Entry<Probe, List<Origin>>>> probed = probedKeys();
    for (PciDevice device : devices) {
      String address = device.address();
      HostDeviceBuilder facts = DeviceFiles.read(tree, machine, findings, device);
      for (Map.Entry<Probe, List<Origin>> probe : probed.getOrDefault(address, List.of())) {
        probe.getKey().addTo(facts, address, probe.getValue(), findings);
      }
      host.device(address, facts.build());
    }
    return new HostReport(
        host.build(), findings.all(), findings.notes(), candidates(all.values(), chosen));
  }

  /** What probes say of each device. */
  private Map<String, List<Map.Entry<Probe, List<Origin>>>> probedKeys() {
    Map<String, List<Map.Entry<Probe, List<Origin>>>> probed = new HashMap<>();
    for (Probe probe : probes) {
      Map<String, List<Origin>> keys = new HashMap<>();
      for (Origin key : probe.told().origins()) {
        keys.computeIfAbsent(key.subject(), subject -> new ArrayList<>()).add(key);
      }
      keys.forEach((subject, own) ->
          probed.computeIfAbsent(subject, any -> new ArrayList<>()).add(Map.entry(probe, own)));
    }
    return probed;
  }

  private void containers(
      Map<String, PciDevice> all,
      List<PciDevice> chosen,
      Machine machine,
      HostFactsBuilder host,
      Findings findings)
      throws InputException {
    Map<Integer, List<PciDevice>> members = new HashMap<>();
    for (PciDevice device : all.values()) {
      device
          .group()
          .ifPresent(
              group -> members.computeIfAbsent(group, number -> new ArrayList<>()).add(device));
    }
    Set<String> iommus = new LinkedHashSet<>();
    Map<Integer, IommuGroup> groups = new TreeMap<>();
    boolean isEachServed = true;
    for (PciDevice device : chosen) {
      device.iommu().ifPresent(iommus::add);
      isEachServed &= device.iommu().isPresent() && device.group().isPresent();
      device
          .group()
          .ifPresent(number ->
              groups.computeIfAbsent(
                  number,
                  any -> IommuGroup.read(tree, number, members.getOrDefault(number, List.of()))));
    }
    HostContainer least =
        IommuFacts.read(tree, machine, findings, iommus, groups.values(), isEachServed);
    if (iommus.size() > 1) {
      findings.leastOfSeveral(moreThan(least, chosen, groups, machine, isEachServed));
    }
    HostContainerBuilder container = least.toBuilder();
    Set<String> told = new HashSet<>();
    for (Probe probe : probes) {
      probe.addTo(container, findings, told);
    }
    host.container(container.build());
    if (findings.isAnyLeastOfSeveral()) {
      findings.note(
          HostDocument.CONTAINERS,
          iommus.size()
              + " IOMMUs serve these devices, and only what all of them can do is told; name the"
              + " devices of one VM to read of theirs alone.");
    }
    for (PciDevice device : chosen) {
      device.group().ifPresent(group -> note(groups, group, device.address(), findings));
    }
  }

  /** What some IOMMU can do beyond what all can, by the keys of the facts. */
  private Set<String> moreThan(
      HostContainer least,
      List<PciDevice> devices,
      Map<Integer, IommuGroup> groups,
      Machine machine,
      boolean isEachServed) {
    Map<String, Map<Integer, IommuGroup>> served = new LinkedHashMap<>();
    for (PciDevice device : devices) {
      if (device.group().isPresent() && device.iommu().isPresent()) {
        int group = device.group().getAsInt();
        served
            .computeIfAbsent(device.iommu().get(), any -> new LinkedHashMap<>())
            .put(group, Objects.requireNonNull(groups.get(group)));
      }
    }
    Set<String> more = new LinkedHashSet<>();
    served.forEach((iommu, own) -> {
      HostContainer alone =
          IommuFacts.read(
              tree, machine, new Findings(), List.of(iommu), own.values(), isEachServed);
      if (!alone.iovaRanges().equals(least.iovaRanges())) {
        more.add("iova-ranges");
      }
      if (alone.pageSizes() != least.pageSizes()) {
        more.add("page-sizes");
      }
      if (!alone.iommuDirtyTracking().equals(least.iommuDirtyTracking())) {
        more.add("iommu-dirty-tracking");
      }
    });
    return more;
  }

  private static void note(
      Map<Integer, IommuGroup> groups, int number, String address, Findings findings) {
    IommuGroup group = groups.get(number);
    if (group == null) {
      return;
    }
    List<String> intruders =
        group.intruders().stream().filter(member -> !member.startsWith(address)).toList();
    int more = group.intruderCount() - group.intruders().size();
    if (!intruders.isEmpty()) {
      findings.note(
          address,
          "IOMMU group "
              + number
              + " has devices that drivers of the host use, so that no VM gets any of it: "
              + String.join(", ", intruders)
              + (more > 0 ? " and " + more + " more." : "."));
    }
    if (group.isFirmwares()) {
      findings.note(
          address,
          "Firmware uses memory through IOMMU group "
              + number
              + " (a region of type direct), so that the kernel gives none of its devices to VMs.");
    }
  }
}
