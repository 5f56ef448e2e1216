package io.github.stopcopy.vfiopci.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostFacts;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The kernel's own rules (R-DT-40 .. R-DT-44), and that what the facts ask for wins over them. */
class SimulatedKernelTest {

  private static final IovaRange PAGE = new IovaRange(0, 0x1000);

  private static SimulatedDevice device(DmaLogging logging) {
    HostDevice able = HostDevice.CAPABLE;
    return new SimulatedDevice(
        new HostDevice(
            able.group(), able.migration(), logging, Map.of(), Map.of(), Optional.empty()),
        4096);
  }

  private static DmaLogging limits(int ranges, long length) {
    return new DmaLogging(
        true, Optional.empty(), Optional.empty(), Optional.empty(), ranges, length,
        Errno.EOPNOTSUPP);
  }

  private static DmaLogging failing(Errno errno) {
    return new DmaLogging(
        true, Optional.of(errno), Optional.of(errno), Optional.of(errno), 0, 0, Errno.EOPNOTSUPP);
  }

  private static Optional<Errno> start(IovaRange... ranges) {
    return device(DmaLogging.SUPPORTED).startLogging(4096, List.of(ranges));
  }

  @Test
  void R_DT_40_theNumberOfRanges() {
    assertThat(start()).contains(Errno.EINVAL);
    List<IovaRange> many = Collections.nCopies(257, PAGE);
    assertThat(device(DmaLogging.SUPPORTED).startLogging(4096, many)).contains(Errno.E2BIG);
    SimulatedDevice large = new SimulatedDevice(HostDevice.CAPABLE, 65536);
    assertThat(large.startLogging(4096, many)).as("overlap, not number").contains(Errno.EINVAL);
    assertThat(large.startLogging(4096, Collections.nCopies(4097, PAGE))).contains(Errno.E2BIG);
    assertThat(device(DmaLogging.NONE).startLogging(4096, List.of(PAGE))).contains(Errno.ENOTTY);
  }

  @Test
  void R_DT_41_alignmentAndOverflow() {
    assertThat(start(new IovaRange(0x800, 0x1000))).contains(Errno.EINVAL);
    assertThat(start(new IovaRange(0x1000, 0x800))).contains(Errno.EINVAL);
    assertThat(start(new IovaRange(0xfef00000L, -0xfef00000L))).contains(Errno.EOVERFLOW);
    assertThat(start(new IovaRange(0xfef00000L, -0xfef01000L))).isEmpty();
    assertThat(start(new IovaRange(0x1000, 0))).as("length 0").isEmpty();
    assertThat(device(DmaLogging.SUPPORTED).startLogging(0, List.of(PAGE))).contains(Errno.EINVAL);
  }

  @Test
  void R_DT_42_overlapInAnyOrder() {
    IovaRange low = new IovaRange(0, 0x2000);
    IovaRange high = new IovaRange(0x1000, 0x2000);
    assertThat(start(low, high)).contains(Errno.EINVAL);
    assertThat(start(high, low)).contains(Errno.EINVAL);
    assertThat(start(new IovaRange(0x2000, 0x1000), low)).isEmpty();
  }

  @Test
  void R_DT_43_oneStartUntilStop() {
    SimulatedDevice device = device(DmaLogging.SUPPORTED);
    assertThat(device.startLogging(4096, List.of(PAGE))).isEmpty();
    assertThat(device.startLogging(4096, List.of(PAGE))).contains(Errno.EINVAL);
    assertThat(device.stopLogging()).isEmpty();
    assertThat(device.startLogging(4096, List.of(PAGE))).isEmpty();
  }

  @Test
  void R_DT_44_reports() {
    SimulatedDevice device = device(DmaLogging.SUPPORTED);
    assertThat(device.report(0, 0x1000)).contains(Errno.EINVAL);
    device.startLogging(4096, List.of(PAGE));
    assertThat(device.report(0, 0x1000)).isEmpty();
    assertThat(device.report(-4096, 0x2000)).contains(Errno.EOVERFLOW);
  }

  @Test
  void limitsOfTheDriver() {
    SimulatedDevice one = device(limits(1, 0));
    assertThat(one.startLogging(4096, List.of(PAGE, new IovaRange(0x2000, 0x1000))))
        .contains(Errno.EOPNOTSUPP);
    SimulatedDevice small = device(limits(0, 0x2000));
    assertThat(small.startLogging(4096, List.of(new IovaRange(0, 0x3000))))
        .contains(Errno.EOPNOTSUPP);
    assertThat(small.startLogging(4096, List.of(new IovaRange(0, 0x2000)))).isEmpty();
    assertThat(device(limits(0, 0x8000000000000000L)).startLogging(4096, List.of(PAGE))).isEmpty();
  }

  @Test
  void whatTheFactsAskForWins() {
    SimulatedDevice device = device(failing(Errno.EIO));
    assertThat(device.startLogging(4096, List.of())).contains(Errno.EIO);
    assertThat(device.report(-1, 2)).contains(Errno.EIO);
    assertThat(device.stopLogging()).contains(Errno.EIO);
  }

  private static HostContainer facts(long most, Errno get, AddressRange... iovas) {
    return new HostContainer(
        true, -4096, 4096, most, 3, true, List.of(iovas), Optional.empty(),
        Optional.ofNullable(get), false);
  }

  @Test
  void aContainerMapsWholePagesOnceInsideItsWindows() {
    SimulatedContainer container =
        new SimulatedContainer(
            facts(8, null, new AddressRange(0, 0xffff), new AddressRange(0x20000, -1)), 4096);
    assertThat(container.map(0, 0, false)).contains(Errno.EINVAL);
    assertThat(container.map(0x800, 0x1000, false)).contains(Errno.EINVAL);
    assertThat(container.map(-4096, 0x2000, false)).contains(Errno.EINVAL);
    assertThat(container.map(0xf000, 0x2000, false)).contains(Errno.EINVAL);
    assertThat(container.map(-4096, 0x1000, true)).isEmpty();
    assertThat(container.map(0x1000, 0x2000, false)).isEmpty();
    assertThat(container.map(0, 0x2000, false)).contains(Errno.EEXIST);
    assertThat(container.map(0x2000, 0x2000, false)).contains(Errno.EEXIST);
    assertThat(container.map(0, 0x4000, false)).contains(Errno.EEXIST);
    assertThat(container.map(0x3000, 0x1000, false)).isEmpty();
    assertThat(container.map(0x8000, 0x1000, false)).contains(Errno.ENOSPC);
    assertThat(container.mappings())
        .extracting(KernelContainer.Mapping::iova)
        .containsExactly(0x1000L, 0x3000L, -4096L);
    assertThat(container.unmap(0x2000, 0x2000)).contains(Errno.EINVAL);
    assertThat(container.unmap(0x1000, 0x1000)).contains(Errno.EINVAL);
    assertThat(container.unmap(0, 0x4000)).isEmpty();
    assertThat(container.mappings()).hasSize(1);
    assertThat(container.unmapAll()).isEmpty();
    assertThat(container.mappings()).isEmpty();
  }

  @Test
  void aBitmapIsReadWhileTrackingAndUpToAGreatestSize() {
    SimulatedContainer container = new SimulatedContainer(facts(8, null), 4096);
    assertThat(container.readDirtyPages(0, 0x1000)).contains(Errno.EINVAL);
    container.setDirtyTracking(true);
    assertThat(container.readDirtyPages(0, 64 * 4096)).isEmpty();
    assertThat(container.readDirtyPages(0, 65 * 4096)).contains(Errno.EINVAL);
    SimulatedContainer failing = new SimulatedContainer(facts(8, Errno.EIO), 4096);
    assertThat(failing.readDirtyPages(0, 65 * 4096)).contains(Errno.EIO);
  }

  @Test
  void devicesWithoutAGroupGetOneOfTheirOwn() {
    SimulatedKernel kernel = new SimulatedKernel(HostFacts.CAPABLE);
    int first = kernel.group("a");
    assertThat(kernel.group("b")).isNotEqualTo(first);
    assertThat(kernel.group("a")).isEqualTo(first);
  }
}
