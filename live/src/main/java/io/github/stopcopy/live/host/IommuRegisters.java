package io.github.stopcopy.live.host;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What the registers of an IOMMU say (R-HOST C1).
 *
 * @param addressBits how wide the addresses are that it translates, if they say
 * @param pageSizes the page sizes it maps, if they say: the bit with value s stands for s bytes
 * @param tracks whether it tracks dirty pages for iommufd; empty if that is not certain
 * @param why what that follows from, or what is missing
 */
record IommuRegisters(
    OptionalInt addressBits, OptionalLong pageSizes, Optional<Boolean> tracks, String why) {

  private static final Pattern HEX = Pattern.compile("[0-9a-f]{1,16}");
  private static final int MOST_BITS = 64;

  private static final int SLADS = 45;
  private static final int SMPWC = 48;
  private static final int SMTS = 43;
  private static final int AMD_HD_SUPPORT = 52;

  static IommuRegisters read(HostTree tree, Machine machine, String iommu) {
    String folder = "sys/class/iommu/" + iommu + "/";
    Optional<Boolean> isNewEnough = machine.isFrom(6, 7);
    OptionalLong cap = register(tree, folder + "intel-iommu/cap");
    if (cap.isPresent()) {
      OptionalLong ecap = register(tree, folder + "intel-iommu/ecap");
      Answer answer = ofIntel(ecap, isNewEnough, scalableMode(tree));
      return new IommuRegisters(
          width(cap.getAsLong()), pageSizes(cap.getAsLong()), answer.tracks(), answer.why());
    }
    Optional<String> features = tree.read(folder + "amd-iommu/features").text();
    if (features.isPresent()) {
      Answer answer = ofAmd(features.get(), isNewEnough);
      return new IommuRegisters(
          OptionalInt.empty(), OptionalLong.empty(), answer.tracks(), answer.why());
    }
    return new IommuRegisters(
        OptionalInt.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        "its registers are not in sysfs");
  }

  /** Whether it tracks, and why that is so. */
  private record Answer(Optional<Boolean> tracks, String why) {

    static Answer no(String why) {
      return new Answer(Optional.of(false), why);
    }

    static Answer open(String why) {
      return new Answer(Optional.empty(), why);
    }
  }

  private static Answer ofIntel(
      OptionalLong ecap, Optional<Boolean> isNewEnough, Optional<Boolean> scalableMode) {
    if (isNewEnough.isPresent() && !isNewEnough.get()) {
      return Answer.no("Linux before 6.7 never asks it to");
    }
    if (ecap.isEmpty()) {
      return Answer.open("the register ecap cannot be read");
    }
    long bits = ecap.getAsLong();
    if (!isSet(bits, SLADS) || !isSet(bits, SMTS)) {
      return Answer.no("ecap lacks SLADS or SMTS");
    }
    if (scalableMode.isPresent() && !scalableMode.get()) {
      return Answer.no("the kernel has scalable mode off");
    }
    if (!isSet(bits, SMPWC)) {
      return Answer.open("ecap lacks SMPWC, which newer kernels want");
    }
    if (isNewEnough.isEmpty()) {
      return Answer.open("the release of the kernel is not known");
    }
    return scalableMode.isPresent()
        ? new Answer(Optional.of(true), "ecap has SLADS, SMPWC, SMTS, and scalable mode is on")
        : Answer.open("whether scalable mode is on is not in sysfs");
  }

  /** What the kernel was told; what it does without that differs. */
  private static Optional<Boolean> scalableMode(HostTree tree) {
    Optional<Boolean> mode = Optional.empty();
    for (String word : tree.read("proc/cmdline").text().orElse("").split("\\s+")) {
      if (word.startsWith("intel_iommu=")) {
        for (String option : word.substring(word.indexOf('=') + 1).split(",")) {
          if (option.equals("sm_on") || option.equals("sm_off")) {
            mode = Optional.of(option.equals("sm_on"));
          }
        }
      }
    }
    return mode;
  }

  /** Newer kernels tell two registers with a colon between; the second has no such bit. */
  private static Answer ofAmd(String features, Optional<Boolean> isNewEnough) {
    String[] registers = features.replace("0x", "").split(":", 3);
    if (registers.length > 2 || !Arrays.stream(registers).allMatch(IommuRegisters::isHex)) {
      return Answer.open("the register with its features cannot be read");
    }
    boolean hasSupport =
        Arrays.stream(registers)
            .anyMatch(register -> isSet(Long.parseUnsignedLong(register, 16), AMD_HD_SUPPORT));
    if (!hasSupport) {
      return Answer.no("its features lack HDSup");
    }
    if (isNewEnough.isEmpty()) {
      return Answer.open("the release of the kernel is not known");
    }
    return isNewEnough.get()
        ? new Answer(Optional.of(true), "its features have HDSup")
        : Answer.no("Linux before 6.7 never asks it to");
  }

  /** The lesser of what can be mapped at most and what the greatest tables reach. */
  private static OptionalInt width(long cap) {
    int most = (int) (cap >>> 16 & 0x3f) + 1;
    long tables = cap >>> 8 & 0x1f;
    if (tables == 0) {
      return OptionalInt.empty();
    }
    int levels = 63 - Long.numberOfLeadingZeros(tables);
    return OptionalInt.of(Math.min(MOST_BITS, Math.min(most, 30 + 9 * levels)));
  }

  private static OptionalLong pageSizes(long cap) {
    long sizes = 1L << 12;
    if (isSet(cap, 34)) {
      sizes |= 1L << 21;
    }
    if (isSet(cap, 35)) {
      sizes |= 1L << 30;
    }
    return OptionalLong.of(sizes);
  }

  private static OptionalLong register(HostTree tree, String file) {
    Optional<String> text = tree.read(file).text().filter(IommuRegisters::isHex);
    return text.map(hex -> OptionalLong.of(Long.parseUnsignedLong(hex, 16)))
        .orElse(OptionalLong.empty());
  }

  private static boolean isHex(String text) {
    return HEX.matcher(text).matches();
  }

  private static boolean isSet(long bits, int number) {
    return (bits >>> number & 1) != 0;
  }
}
