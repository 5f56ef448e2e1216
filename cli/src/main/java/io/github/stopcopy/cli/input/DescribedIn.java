package io.github.stopcopy.cli.input;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.json.SarifJson;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds where a text describes a device: by the words of a command line, or by the address of the
 * host's device in libvirt's XML. What it does not find it does not guess.
 */
public final class DescribedIn implements SarifJson.Source {

  private static final String STDIN = "stdin";

  /** The source of a hostdev; an address elsewhere is one in the guest. */
  private static final Pattern HOST_ADDRESS =
      Pattern.compile("<source\\b[^>]*>\\s*+<address\\b([^>]*)>");

  private static final Pattern ATTRIBUTE =
      Pattern.compile("\\b(domain|bus|slot|function)\\s*=\\s*['\"]([0-9a-fA-Fx]{1,6})['\"]");

  private final String file;
  private final String text;
  private final boolean isXml;
  private final List<DeviceConfig> devices;

  /**
   * What was read.
   *
   * @param file its name, {@code -} for standard input
   * @param text all of it
   * @param isXml whether it is libvirt's
   * @param devices the devices that were read from it
   */
  public DescribedIn(String file, String text, boolean isXml, List<DeviceConfig> devices) {
    this.file = file;
    this.text = text;
    this.isXml = isXml;
    this.devices = List.copyOf(devices);
  }

  @Override
  public String uri() {
    if (file.equals("-")) {
      return STDIN;
    }
    try {
      if (file.startsWith("/")) {
        return new URI("file", "", file, null).toASCIIString();
      }
      // A colon in the first part would be that of a scheme.
      boolean looksLikeScheme = file.indexOf(':') >= 0;
      return new URI(null, null, looksLikeScheme ? "./" + file : file, null).toASCIIString();
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException("a path that is no URI: " + file, impossible);
    }
  }

  @Override
  public Optional<SarifJson.Place> place(String subject) {
    for (DeviceConfig device : devices) {
      Optional<String> host =
          VfioDevice.isVfio(device) ? VfioDevice.nameOf(device) : Optional.empty();
      if (host.equals(Optional.of(subject))
          || device.id().equals(Optional.of(subject))
          || device.driver().equals(subject)) {
        return isXml ? inXml(device, host) : inWords(device);
      }
    }
    return Optional.empty();
  }

  private Optional<SarifJson.Place> inXml(DeviceConfig device, Optional<String> host) {
    if (host.isEmpty()) {
      return device.driver().contains("iommu") ? at(text.indexOf("<iommu")) : Optional.empty();
    }
    Matcher address = HOST_ADDRESS.matcher(text);
    while (address.find()) {
      if (host.get().equals(name(address.group(1)))) {
        return at(address.start(1) - "<address".length());
      }
    }
    return Optional.empty();
  }

  /** The address in the attributes as VFIO names it. */
  private static String name(String attributes) {
    String[] parts = {"0", "0", "0", "0"};
    Matcher attribute = ATTRIBUTE.matcher(attributes);
    while (attribute.find()) {
      int part = List.of("domain", "bus", "slot", "function").indexOf(attribute.group(1));
      parts[part] = attribute.group(2);
    }
    int[] numbers = new int[parts.length];
    for (int i = 0; i < parts.length; i++) {
      try {
        numbers[i] = Integer.decode(parts[i]);
      } catch (NumberFormatException none) {
        return "";
      }
    }
    return String.format("%04x:%02x:%02x.%x", numbers[0], numbers[1], numbers[2], numbers[3]);
  }

  /** The first that is there as a whole word: what names the device, then its type. */
  private Optional<SarifJson.Place> inWords(DeviceConfig device) {
    List<String> words = new ArrayList<>();
    device.id().ifPresent(id -> words.add("id=" + id));
    device.setting("sysfsdev").ifPresent(words::add);
    device.setting("host").ifPresent(words::add);
    words.add(device.driver());
    for (String word : words) {
      Optional<SarifJson.Place> found = at(wholeWord(word));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private int wholeWord(String word) {
    int from = text.indexOf(word);
    while (from >= 0 && !word.isEmpty()) {
      int end = from + word.length();
      boolean begins = from == 0 || !isPartOfWord(text.charAt(from - 1));
      if (begins && (end == text.length() || !isPartOfWord(text.charAt(end)))) {
        return from;
      }
      from = text.indexOf(word, end);
    }
    return -1;
  }

  private static boolean isPartOfWord(char next) {
    return Character.isLetterOrDigit(next) || next == '-' || next == '_' || next == '.';
  }

  private Optional<SarifJson.Place> at(int offset) {
    if (offset < 0) {
      return Optional.empty();
    }
    int line = 1;
    int begin = 0;
    for (int end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', begin)) {
      line++;
      begin = end + 1;
    }
    return Optional.of(new SarifJson.Place(line, offset - begin + 1));
  }
}
