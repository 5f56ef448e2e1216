package io.github.stopcopy.qemu.commandline;

import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a file for {@code -readconfig} into the options that mean the same; QEMU takes them where
 * the file is named.
 */
final class ReadConfig {

  /** The option that a group of the file stands for, and what its id is called there. */
  private static final Map<String, String> OPTIONS =
      Map.ofEntries(
          Map.entry("device", "device"),
          Map.entry("object", "object"),
          Map.entry("machine", "machine"),
          Map.entry("memory", "m"),
          Map.entry("smp-opts", "smp"),
          Map.entry("accel", "accel"),
          Map.entry("global", "global"),
          Map.entry("drive", "drive"));

  /** What else QEMU has groups for; nothing in them matters here. */
  private static final Set<String> OTHERS =
      Set.of(
          ("acpi action add-fd audiodev boot-opts chardev fsdev fw_cfg icount iscsi mon msg name"
                  + " net netdev nic numa option-rom overcommit plugin realtime rtc sandbox"
                  + " semihosting-config smbios spice tpmdev trace virtfs vnc")
              .split(" "));

  private static final Map<String, List<String>> PROXMOX = ProxmoxFiles.read();

  private ReadConfig() {}

  /** The words for a file that Proxmox VE comes with; empty if the name is none of these. */
  static List<Word> ofProxmox(Word path) {
    List<String> devices = PROXMOX.getOrDefault(path.baseName(), List.of());
    List<Word> words = new ArrayList<>();
    for (String device : devices) {
      words.add(new Word("-device", path.source(), path.line()));
      words.add(new Word(device, path.source(), path.line()));
    }
    return words;
  }

  /** The words for the text of a file. */
  static List<Word> words(String source, String text) throws InputException {
    List<Word> words = new ArrayList<>();
    List<String> lines = text.lines().toList();
    Group group = null;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("[")) {
        if (group != null) {
          group.addTo(words, source);
        }
        group = Group.begin(source, i + 1, line);
      } else if (group == null) {
        throw InputException.at(
            source, i + 1, Quote.of(line) + " before any group, expected [device \"id\"] first");
      } else {
        group.setting(source, i + 1, line);
      }
    }
    if (group != null) {
      group.addTo(words, source);
    }
    return words;
  }

  /** One group of the file, such as {@code [device "rp1"]}. */
  private record Group(String name, String id, int line, List<String> settings) {

    static Group begin(String source, int line, String text) throws InputException {
      int end = text.lastIndexOf(']');
      if (end < 0 || !text.substring(end + 1).isBlank()) {
        throw InputException.at(
            source, line, Quote.of(text) + ", expected [group] or [group \"id\"]");
      }
      String inside = text.substring(1, end).strip();
      int blank = inside.indexOf(' ');
      String id = blank < 0 ? "" : unquoted(inside.substring(blank + 1).strip());
      return new Group(
          blank < 0 ? inside : inside.substring(0, blank), id, line, new ArrayList<>());
    }

    void setting(String source, int line, String text) throws InputException {
      int equals = text.indexOf('=');
      String key = equals < 0 ? "" : text.substring(0, equals).strip();
      String value = equals < 0 ? "" : text.substring(equals + 1).strip();
      if (key.isEmpty() || value.length() < 2 || !value.startsWith("\"") || !value.endsWith("\"")) {
        throw InputException.at(source, line, Quote.of(text) + ", expected name = \"value\"");
      }
      settings.add(key + "=" + unquoted(value).replace(",", ",,"));
    }

    void addTo(List<Word> words, String source) throws InputException {
      String option = OPTIONS.get(name);
      if (option == null && !OTHERS.contains(name)) {
        String meant = DeviceNames.nearest(name, List.copyOf(OPTIONS.keySet()));
        throw InputException.at(
            source,
            line,
            "QEMU has no option group "
                + Quote.of(name)
                + (meant.equals(name) ? "" : ", expected " + meant + " if that is meant"));
      }
      if (option == null) {
        return;
      }
      List<String> parts = new ArrayList<>(settings);
      if (!id.isEmpty()) {
        parts.add("id=" + id.replace(",", ",,"));
      }
      String value = String.join(",", parts);
      words.add(new Word("-" + option, source, line));
      words.add(new Word(value, source, line));
    }

    private static String unquoted(String text) {
      boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
      return quoted ? text.substring(1, text.length() - 1) : text;
    }
  }
}
