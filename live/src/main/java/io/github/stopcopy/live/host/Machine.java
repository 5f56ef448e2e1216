package io.github.stopcopy.live.host;

import io.github.stopcopy.core.host.HostFactsBuilder;
import io.github.stopcopy.json.HostDocument;
import io.github.stopcopy.vfiopci.driver.KernelRelease;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The kernel and the processor.
 *
 * @param release the release of the kernel
 * @param vendor of the processor, if it is an x86
 */
record Machine(Optional<KernelRelease> release, Optional<String> vendor) {

  private static final String OSRELEASE = "proc/sys/kernel/osrelease";
  private static final String VERSION = "proc/version";
  private static final String CPUINFO = "proc/cpuinfo";

  /** The first processor is within this, however many there are. */
  private static final int FIRST_PROCESSOR = 1 << 14;

  private static final int LEAST_BITS = 32;
  private static final int MOST_BITS = 64;
  private static final int X86_PAGE = 4096;

  private static final Pattern RELEASE = Pattern.compile("[0-9][!-~]{0,63}");
  private static final Pattern VERSION_LINE = Pattern.compile("Linux version ([!-~]{1,64}) ");
  private static final Pattern VENDOR =
      Pattern.compile("(?m)^vendor_id[ \\t]*: *([ -~]{1,12}?) *$");
  private static final Pattern BITS =
      Pattern.compile("(?m)^address sizes[ \\t]*: *([0-9]{1,3}) bits physical");

  static Machine read(HostTree tree, HostFactsBuilder facts, Findings findings) {
    Optional<KernelRelease> release = release(tree, facts, findings);
    String cpuinfo = tree.head(CPUINFO, FIRST_PROCESSOR).text().orElse("");
    Optional<String> vendor = first(VENDOR, cpuinfo);
    if (vendor.isPresent()) {
      facts.cpuVendor(vendor.get());
      findings.known(HostDocument.HOST, "cpu-vendor", vendor.get(), Findings.PROCFS, "/" + CPUINFO);
    } else {
      findings.unknown(HostDocument.HOST, "cpu-vendor", "/" + CPUINFO, "a readable /" + CPUINFO);
    }
    Optional<Integer> bits =
        first(BITS, cpuinfo)
            .map(Integer::valueOf)
            .filter(width -> width >= LEAST_BITS && width <= MOST_BITS);
    if (bits.isPresent()) {
      facts.cpuPhysBits(bits.get());
      findings.known(
          HostDocument.HOST,
          "cpu-phys-bits",
          bits.get().toString(),
          Findings.PROCFS,
          "/" + CPUINFO);
    } else {
      findings.unknown(HostDocument.HOST, "cpu-phys-bits", "/" + CPUINFO, "a readable /" + CPUINFO);
    }
    if (vendor.isPresent()) {
      facts.pageSize(X86_PAGE);
      findings.known(
          HostDocument.HOST,
          "page-size",
          Integer.toString(X86_PAGE),
          Findings.KERNEL,
          "every kernel for x86");
    } else {
      findings.unknown(HostDocument.HOST, "page-size", "", "the probe");
    }
    return new Machine(release, vendor);
  }

  private static Optional<KernelRelease> release(
      HostTree tree, HostFactsBuilder facts, Findings findings) {
    String source = OSRELEASE;
    Optional<String> uname =
        tree.read(OSRELEASE).text().filter(text -> RELEASE.matcher(text).matches());
    if (uname.isEmpty()) { // reports that support asks for have the other one
      source = VERSION;
      uname = tree.read(VERSION).text().flatMap(text -> first(VERSION_LINE, text));
    }
    if (uname.isPresent()) {
      facts.kernel(uname.get());
      findings.known(HostDocument.HOST, "kernel", uname.get(), Findings.PROCFS, "/" + source);
    } else {
      findings.unknown(HostDocument.HOST, "kernel", "/" + OSRELEASE, "a readable /" + OSRELEASE);
    }
    return uname.flatMap(KernelRelease::read);
  }

  /** Whether the kernel is of this release or newer; empty if it is not known. */
  Optional<Boolean> isFrom(int major, int minor) {
    return release.map(known -> known.compareTo(new KernelRelease(major, minor)) >= 0);
  }

  private static Optional<String> first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
