package io.github.stopcopy.core.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the names of PC machine types. A versioned type such as {@code pc-q35-9.1} keeps the device
 * defaults of its release; {@code q35} and {@code pc} stand for the newest version. Thread-safe.
 */
public final class MachineTypes {

  private static final Pattern VERSIONED =
      Pattern.compile("pc-(?:q35-|i440fx-)?([0-9]{1,4})\\.([0-9]{1,4})(?:\\..*)?");

  private MachineTypes() {}

  /** Whether the type is a PC, of the q35 family or of the older one. */
  public static boolean isPc(String machineType) {
    return machineType.equals("q35") || machineType.equals("pc") || machineType.startsWith("pc-");
  }

  /** Whether the type is of the q35 family. */
  public static boolean isQ35(String machineType) {
    return machineType.equals("q35") || machineType.startsWith("pc-q35-");
  }

  /**
   * Whether processors of this type have the address width of the host's unless told otherwise: the
   * types of RHEL do, and those of Ubuntu whose name ends with {@code -hpb}.
   */
  public static boolean hasWidthOfHost(String machineType) {
    return machineType.startsWith("pc-q35-rhel")
        || machineType.startsWith("pc-i440fx-rhel")
        || machineType.endsWith("-hpb");
  }

  /** Whether the type is versioned and its version is not above {@code major.minor}. */
  public static boolean isAtMost(String machineType, int major, int minor) {
    Matcher versioned = VERSIONED.matcher(machineType);
    if (!versioned.matches()) {
      return false;
    }
    int itsMajor = Integer.parseInt(versioned.group(1));
    int itsMinor = Integer.parseInt(versioned.group(2));
    return itsMajor < major || itsMajor == major && itsMinor <= minor;
  }
}
