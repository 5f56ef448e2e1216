package io.github.stopcopy.migration.fleet;

import io.github.stopcopy.migration.Assumption;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What the devices of a VM are called instead, so that VMs that differ in nothing else are alike,
 * and the way back. The other names are of the same form and in the same order, and nothing else in
 * the VM looks like one, so that each is found again in an answer. Immutable.
 */
final class Names {

  private static final Pattern PCI = Pattern.compile("[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");
  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern ID = Pattern.compile("(?!.*--)[A-Za-z][A-Za-z0-9_-]*(?<!-)");

  private static final String PCI_MARK = "fadf:";
  private static final String UUID_MARK = "fadefade-fade-4ade-8ade-";
  private static final String ID_MARK = "fleet-vm-device-";
  private static final String GROUP_MARK = "19970";

  /** What other names begin with; a VM in which one of them stands keeps its names. */
  static final List<String> MARKS = List.of(PCI_MARK, UUID_MARK, ID_MARK, GROUP_MARK);

  /** libvirt's prefix of names that a user chose, which it takes away from some. */
  private static final String OF_USER = "ua-";

  private static final HexFormat HEX = HexFormat.of();
  private static final int MOST = 9999;

  private final Map<String, String> devices;
  private final Map<String, String> ids;
  private final Map<Integer, Integer> groups;
  private final Map<String, String> back = new HashMap<>();

  private Names(
      Map<String, String> devices, Map<String, String> ids, Map<Integer, Integer> groups) {
    this.devices = devices;
    this.ids = ids;
    this.groups = groups;
    devices.forEach((name, other) -> back.put(other, name));
    ids.forEach((name, other) -> back.put(other, name));
    groups.forEach((number, other) -> back.put("group " + other, "group " + number));
  }

  /** All stay as they are. */
  static Names unchanged() {
    return new Names(Map.of(), Map.of(), Map.of());
  }

  /**
   * Other names for those of these that have a usual form.
   *
   * @param devices names of the host's devices
   * @param ids ids of the VM's devices
   * @param groups numbers of IOMMU groups
   */
  static Names of(Collection<String> devices, Collection<String> ids, Collection<Integer> groups) {
    if (devices.size() > MOST || ids.size() > MOST || groups.size() > MOST) {
      return unchanged();
    }
    Map<String, String> otherDevices = new HashMap<>();
    for (String name : new TreeSet<>(devices)) {
      int number = otherDevices.size();
      if (PCI.matcher(name).matches()) {
        otherDevices.put(
            name,
            PCI_MARK
                + HEX.toHexDigits((byte) (number >> 8))
                + ":"
                + HEX.toHexDigits((byte) (number >> 3 & 0x1f))
                + "."
                + (number & 7));
      } else if (UUID.matcher(name).matches()) {
        otherDevices.put(name, UUID_MARK + digits(number, 12));
      }
    }
    Map<String, String> otherIds = new HashMap<>();
    for (String id : new TreeSet<>(ids)) {
      if (ID.matcher(id).matches()) {
        String prefix = id.startsWith(OF_USER) ? OF_USER : "";
        otherIds.put(id, prefix + ID_MARK + digits(otherIds.size(), 4));
      }
    }
    Map<Integer, Integer> otherGroups = new HashMap<>();
    for (Integer group : new TreeSet<>(groups)) {
      otherGroups.put(group, Integer.valueOf(GROUP_MARK + digits(otherGroups.size(), 5)));
    }
    return new Names(otherDevices, otherIds, otherGroups);
  }

  private static String digits(int number, int count) {
    String text = Integer.toString(number);
    return "0".repeat(count - text.length()) + text;
  }

  String device(String name) {
    return devices.getOrDefault(name, name);
  }

  String id(String id) {
    return ids.getOrDefault(id, id);
  }

  int group(int number) {
    return groups.getOrDefault(number, number);
  }

  /** A text with the names of devices in place of the other ones. */
  String restored(String text) {
    return replaced(text, back);
  }

  /** A text with {@code *} in place of the other names. */
  String anonymous(String text) {
    Map<String, String> stars = new HashMap<>();
    back.keySet().forEach(other -> stars.put(other, "*"));
    return replaced(text, stars);
  }

  private static String replaced(String text, Map<String, String> by) {
    if (by.isEmpty() || MARKS.stream().noneMatch(text::contains)) {
      return text;
    }
    String all = text;
    for (Map.Entry<String, String> name : by.entrySet()) {
      all = all.replace(name.getKey(), name.getValue());
    }
    return all;
  }

  private Optional<String> restored(Optional<String> text) {
    return text.map(this::restored);
  }

  private List<String> restored(List<String> texts) {
    return texts.stream().map(this::restored).toList();
  }

  List<Reason> reasons(List<Reason> reasons) {
    if (back.isEmpty()) {
      return reasons;
    }
    List<Reason> all = new ArrayList<>();
    for (Reason reason : reasons) {
      all.add(
          new Reason(
              reason.code(),
              reason.kind(),
              restored(reason.device()),
              restored(reason.id()),
              restored(reason.qemuText()),
              restored(reason.explanation()),
              reason.rules(),
              restored(reason.assumes()),
              reason.remedies().stream().map(this::remedy).toList()));
    }
    return all;
  }

  private Remedy remedy(Remedy remedy) {
    return new Remedy(
        restored(remedy.text()),
        remedy.changes().stream().map(this::change).toList(),
        restored(remedy.command()),
        restored(remedy.libvirt()),
        remedy.needs(),
        remedy.verdict(),
        restored(remedy.assumes()));
  }

  private RemedyChange change(RemedyChange change) {
    if (change instanceof RemedyChange.Set set) {
      return new RemedyChange.Set(
          restored(set.target()), restored(set.property()), restored(set.value()));
    } else if (change instanceof RemedyChange.Unset unset) {
      return new RemedyChange.Unset(restored(unset.target()), restored(unset.property()));
    } else if (change instanceof RemedyChange.Remove remove) {
      return new RemedyChange.Remove(restored(remove.target()));
    } else if (change instanceof RemedyChange.Replace replace) {
      return new RemedyChange.Replace(restored(replace.target()), replace.driver());
    } else if (change instanceof RemedyChange.Tracker tracker) {
      return new RemedyChange.Tracker(restored(tracker.target()), tracker.tracker());
    }
    return change;
  }

  List<Assumption> assumptions(List<Assumption> assumptions) {
    if (back.isEmpty()) {
      return assumptions;
    }
    List<Assumption> all = new ArrayList<>();
    for (Assumption one : assumptions) {
      all.add(
          new Assumption(restored(one.subject()), one.fact(), restored(one.value()), one.origin()));
    }
    return all;
  }
}
