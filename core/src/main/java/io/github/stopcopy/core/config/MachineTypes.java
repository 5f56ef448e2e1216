package io.github.stopcopy.core.config;

import io.github.stopcopy.core.profile.QemuProfile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the names of PC machine types. A versioned type such as {@code pc-q35-9.1} keeps the device
 * defaults of its release; {@code q35} and {@code pc} stand for the newest version. Types of
 * distributions, such as {@code pc-q35-rhel9.4.0}, are read as what they derive from, where that is
 * known; else as the newest version, and {@link #note} says so. Thread-safe.
 */
public final class MachineTypes {

  /** How all names begin but the two that stand for the newest version. */
  private static final String PC = "pc-";

  private static final Pattern VERSIONED =
      Pattern.compile("pc-(?:q35-|i440fx-)?([0-9]{1,4})\\.([0-9]{1,4})(?:\\..*)?");

  /** Proxmox counts its own changes behind the name of the type. */
  private static final Pattern PROXMOX = Pattern.compile("(.*)\\+pve[0-9]+");

  private static final Pattern OF_DISTRIBUTION =
      Pattern.compile("pc-(q35|i440fx)-([a-z]+)([0-9.]*)(?:-.*)?");
  private static final String RED_HAT = "rhel";

  private static final List<String> LAST_OF_EACH_DEFAULTS =
      List.of("9.1", "9.0", "8.2", "8.0", "7.0");
  private static final String UBUNTU_HOST_PHYS_BITS = "-hpb";

  /** The QEMU of each Ubuntu, on which its machine types build. */
  private static final Map<String, String> UBUNTU =
      Map.ofEntries(
          Map.entry("trusty", "2.0"),
          Map.entry("utopic", "2.1"),
          Map.entry("vivid", "2.2"),
          Map.entry("wily", "2.3"),
          Map.entry("xenial", "2.5"),
          Map.entry("yakkety", "2.6"),
          Map.entry("zesty", "2.8"),
          Map.entry("artful", "2.10"),
          Map.entry("bionic", "2.11"),
          Map.entry("cosmic", "2.12"),
          Map.entry("disco", "3.1"),
          Map.entry("eoan", "4.0"),
          Map.entry("focal", "4.2"),
          Map.entry("groovy", "5.0"),
          Map.entry("hirsute", "5.2"),
          Map.entry("impish", "6.0"),
          Map.entry("jammy", "6.2"),
          Map.entry("kinetic", "7.0"),
          Map.entry("lunar", "7.2"),
          Map.entry("mantic", "8.0"),
          Map.entry("noble", "8.2"),
          Map.entry("oracular", "9.0"),
          Map.entry("plucky", "9.2"),
          Map.entry("questing", "10.1"));

  /** The version of QEMU of which a machine type of Red Hat has the defaults. */
  private static final Map<String, String> ENTERPRISE_LINUX =
      Map.ofEntries(
          Map.entry("7.0.0", "1.5"),
          Map.entry("7.1.0", "2.1"),
          Map.entry("7.2.0", "2.3"),
          Map.entry("7.3.0", "2.6"),
          Map.entry("7.4.0", "2.9"),
          Map.entry("7.5.0", "2.10"),
          Map.entry("7.6.0", "2.12"),
          Map.entry("8.0.0", "3.1"),
          Map.entry("8.1.0", "4.1"),
          Map.entry("8.2.0", "4.2"),
          Map.entry("8.3.0", "5.1"),
          Map.entry("8.4.0", "5.2"),
          Map.entry("8.5.0", "6.0"),
          Map.entry("8.6.0", "6.2"),
          Map.entry("9.0.0", "6.2"),
          Map.entry("9.2.0", "7.2"),
          Map.entry("9.4.0", "8.2"),
          Map.entry("9.6.0", "9.1"),
          Map.entry("10.0.0", "9.1"));

  private MachineTypes() {}

  /** Whether the type is a PC, of the q35 family or of the older one. */
  public static boolean isPc(String machineType) {
    String type = withoutProxmox(machineType);
    return type.equals("q35") || type.equals("pc") || type.startsWith("pc-");
  }

  /** Whether the type is of the q35 family. */
  public static boolean isQ35(String machineType) {
    return withoutProxmox(machineType).equals("q35") || machineType.startsWith("pc-q35-");
  }

  /**
   * Whether the type has a version, or derives from one that has, and its version is not above
   * {@code major.minor}.
   */
  public static boolean isAtMost(String machineType, int major, int minor) {
    if (!machineType.startsWith(PC)) {
      return false;
    }
    Matcher versioned = VERSIONED.matcher(upstream(machineType).orElse(machineType));
    if (!versioned.matches()) {
      return false;
    }
    int itsMajor = Integer.parseInt(versioned.group(1));
    int itsMinor = Integer.parseInt(versioned.group(2));
    return itsMajor < major || itsMajor == major && itsMinor <= minor;
  }

  /**
   * The versions after which the defaults of PC machines changed in a way that counts here, the
   * newest first, as far back as releases still have them: a type of any other version has the
   * defaults of the next later one here, or of the newest there is.
   */
  public static List<String> lastOfEachDefaults() {
    return LAST_OF_EACH_DEFAULTS;
  }

  /**
   * Whether the type came with a release after this one. Of a type that is newer than all known
   * releases, and of those of distributions other than Proxmox, that is not said.
   */
  public static boolean isNewerThan(QemuProfile profile, String machineType) {
    if (!machineType.startsWith(PC)) {
      return false;
    }
    Matcher versioned = VERSIONED.matcher(withoutProxmox(machineType));
    return versioned.matches()
        && !hasMachinesOf(profile, versioned)
        && hasMachinesOf(QemuProfile.newest(), versioned);
  }

  private static boolean hasMachinesOf(QemuProfile profile, Matcher versioned) {
    return profile.hasMachinesOf(
        Integer.parseInt(versioned.group(1)), Integer.parseInt(versioned.group(2)));
  }

  /**
   * Whether guests get the address width of the host's processor unless their command line says
   * otherwise. So it is with all types of Red Hat, and with those of Ubuntu that end so.
   */
  public static boolean hasHostPhysBits(String machineType) {
    if (!machineType.startsWith(PC)) {
      return false;
    }
    Matcher named = OF_DISTRIBUTION.matcher(machineType);
    return named.matches()
        && (named.group(2).equals(RED_HAT) || machineType.endsWith(UBUNTU_HOST_PHYS_BITS));
  }

  /** Whether it is known what the type stands for or derives from. */
  public static boolean isKnown(String machineType) {
    String type = withoutProxmox(machineType);
    return type.equals("q35")
        || type.equals("pc")
        || VERSIONED.matcher(type).matches()
        || upstream(machineType).isPresent();
  }

  /** What to tell the user about a type that is read as another; empty for QEMU's own types. */
  public static Optional<String> note(String machineType) {
    Optional<String> upstream = upstream(machineType);
    if (upstream.isPresent()) {
      return Optional.of(
          "Machine type "
              + machineType
              + " is a distribution's own and read as "
              + upstream.get()
              + ", from which it derives.");
    }
    return isKnown(machineType)
        ? Optional.empty()
        : Optional.of(
            "Nothing is known of the machine type "
                + machineType
                + "; it is read as "
                + (isQ35(machineType) ? "q35" : "pc")
                + ", the newest of its family.");
  }

  /** QEMU's own type from which one of a distribution derives; empty for others. */
  private static Optional<String> upstream(String machineType) {
    String type = withoutProxmox(machineType);
    if (type.length() < machineType.length()) {
      return Optional.of(type);
    }
    if (!type.startsWith(PC)) {
      return Optional.empty();
    }
    Matcher named = OF_DISTRIBUTION.matcher(type);
    if (!named.matches()) {
      return Optional.empty();
    }
    String version =
        named.group(2).equals(RED_HAT)
            ? ENTERPRISE_LINUX.get(named.group(3))
            : named.group(3).isEmpty() ? UBUNTU.get(named.group(2)) : null;
    return Optional.ofNullable(version).map(known -> "pc-" + named.group(1) + "-" + known);
  }

  private static String withoutProxmox(String machineType) {
    if (machineType.indexOf('+') < 0) {
      return machineType;
    }
    Matcher proxmox = PROXMOX.matcher(machineType);
    return proxmox.matches() ? proxmox.group(1) : machineType;
  }
}
