package io.github.stopcopy.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.testkit.ReferenceTracker;
import io.github.stopcopy.testkit.TrackerFault;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A tracker behind a device of the stand-in, without a QEMU: a small program takes its place. */
@Timeout(60) // a hang is a failure
class TrackerServerTest {

  private static final String DEVICE = "0000:01:00.0";
  private static final int EIO = 5;
  private static final int EINVAL = 22;

  @TempDir private static Path built;

  private static Path program = Path.of("");
  private static Path library = Path.of("");

  private Path folder = Path.of("");

  @BeforeAll
  static void compiles() throws Exception {
    if (Compiler.isThere()) {
      library = StandinLibrary.in(built.resolve("cache"), Compiler.NAMES).path();
      program = SmallVmm.compile(built);
    }
  }

  @BeforeEach
  void makesAPrivateFolder() throws IOException {
    folder = PrivateFolder.make();
  }

  @AfterEach
  void deletesIt() throws IOException {
    PrivateFolder.delete(folder);
  }

  private Path socket() {
    return folder.resolve("tracker");
  }

  private TrackerServer server(DirtyTracker tracker) throws IOException {
    return TrackerServer.open(socket(), Map.of(DEVICE, tracker));
  }

  private SmallVmm vmm() throws IOException {
    Compiler.isNeeded();
    return SmallVmm.start(program, library, folder, socket());
  }

  private static Optional<Errno> write(TrackerServer server, long first, long last)
      throws IOException {
    assertThat(server.awaitConnection(Duration.ofSeconds(10))).isTrue();
    return server.dmaWrite(new DmaWrite(DEVICE, new AddressRange(first, last), 7));
  }

  @Test
  void R_DT_44_whatADeviceWritesIsInMemoryAndInTheNextReportOnly() throws Exception {
    try (TrackerServer server = server(new ReferenceTracker());
        SmallVmm vmm = vmm()) {
      assertThat(vmm.does("map 0x100000 0x10000 3 0x2000")).isEqualTo("0");
      assertThat(vmm.does("start 0x100000 0x10000 4096")).isEqualTo("0 4096");
      assertThat(write(server, 0x101ffd, 0x103002)).isEmpty();

      DmaWrite same = new DmaWrite(DEVICE, new AddressRange(0x101ffd, 0x103002), 7);
      StringBuilder expected = new StringBuilder("00");
      for (long at = 0x101ffd; at < 0x102009; at++) {
        expected.append(HexFormat.of().toHexDigits(same.byteAt(at)));
      }
      assertThat(vmm.does("peek 0x3ffc 13")).isEqualTo(expected.toString());
      expected.setLength(0);
      for (long at = 0x102ffa; at <= 0x103002; at++) {
        expected.append(HexFormat.of().toHexDigits(same.byteAt(at)));
      }
      assertThat(vmm.does("peek 0x4ffa 10")).isEqualTo(expected.append("00").toString());
      assertThat(vmm.does("report 0x100000 0x10000 4096")).isEqualTo("0 e e");
      assertThat(vmm.does("report 0x100000 0x10000 4096")).isEqualTo("0 0 0");
      assertThat(vmm.does("stop")).isEqualTo("0");
      assertThat(vmm.does("stop")).isEqualTo("22");
      assertThat(server.asked(DEVICE)).isEqualTo(new TrackerServer.Asked(1, 2, 1));
      assertThat(server.failure()).isEmpty();
    }
  }

  @Test
  void aWriteGoesThroughAllMappingsThatItTouches() throws Exception {
    try (TrackerServer server = server(new ReferenceTracker());
        SmallVmm vmm = vmm()) {
      vmm.does("map 0x2000 0x1000 3 0x8000");
      vmm.does("map 0x1000 0x1000 3 0x4000");
      assertThat(write(server, 0x1fff, 0x2000)).isEmpty();

      DmaWrite same = new DmaWrite(DEVICE, new AddressRange(0x1fff, 0x2000), 7);
      assertThat(vmm.does("peek 0x4fff 1"))
          .isEqualTo(HexFormat.of().toHexDigits(same.byteAt(0x1fff)));
      assertThat(vmm.does("peek 0x8000 1"))
          .isEqualTo(HexFormat.of().toHexDigits(same.byteAt(0x2000)));
    }
  }

  @Test
  void aWriteThatIsNotMappedForWritingIsRefusedWholeAndNotTold() throws Exception {
    try (TrackerServer server = server(new ReferenceTracker());
        SmallVmm vmm = vmm()) {
      assertThat(write(server, 0x1000, 0x1000)).contains(Errno.EFAULT);
      vmm.does("map 0x1000 0x1000 3 0x4000");
      vmm.does("map 0x2000 0x1000 1 0x5000"); // for reading only
      assertThat(write(server, 0x1000, 0x2000)).contains(Errno.EFAULT);
      assertThat(write(server, 0xfff, 0x1000)).contains(Errno.EFAULT);
      assertThat(vmm.does("peek 0x4000 1")).isEqualTo("00");
      vmm.does("unmap 0x1000 0x1000");
      assertThat(write(server, 0x1000, 0x1000)).contains(Errno.EFAULT);
      assertThat(server.dmaWrite(new DmaWrite("0000:02:00.0", new AddressRange(0x1000, 0x1000), 7)))
          .contains(Errno.ENODEV);
      vmm.does("start 0x100000 0x10000 4096");
      assertThat(server.asked(DEVICE)).isEqualTo(new TrackerServer.Asked(1, 0, 0));
    }
  }

  @Test
  void aStoppedDeviceDoesNotWrite() throws Exception {
    try (TrackerServer server = server(new ReferenceTracker());
        SmallVmm vmm = vmm()) {
      vmm.does("map 0x1000 0x1000 3 0x4000");
      for (int stopped : new int[] {1, 3}) { // STOP, STOP_COPY
        assertThat(vmm.does("state " + stopped)).isEqualTo("0");
        assertThat(write(server, 0x1000, 0x1000)).contains(Errno.EBUSY);
      }
      for (int running : new int[] {2, 5}) { // RUNNING, RUNNING_P2P
        assertThat(vmm.does("state " + running)).isEqualTo("0");
        assertThat(write(server, 0x1000, 0x1000)).isEmpty();
      }
    }
  }

  @Test
  void R_DT_43_theGrantedPageSizeAndTheTrackersErrnoReachTheCaller() throws Exception {
    try (TrackerServer server = server(new ReferenceTracker(0x10000));
        SmallVmm vmm = vmm()) {
      assertThat(vmm.does("report 0 0x1000 4096")).startsWith(EINVAL + " ");
      assertThat(vmm.does("start 0 0x20000 4096")).isEqualTo("0 65536");
      assertThat(server.failure()).isEmpty();
    }
    try (TrackerServer server = server(TrackerFault.REFUSES_START.inject(new ReferenceTracker()));
        SmallVmm vmm = vmm()) {
      assertThat(vmm.does("start 0 0x20000 4096")).startsWith("95 ");
      assertThat(server.failure()).isEmpty();
    }
  }

  @Test
  void bitsOfTheCallerGoToTheTrackerAndComeBack() throws Exception {
    try (TrackerServer server = server(new ReferenceTracker());
        SmallVmm vmm = vmm()) {
      vmm.does("start 0 0x40000 4096");
      assertThat(vmm.does("report 0 0x40000 4096 0x8001")).isEqualTo("0 8001 8001");
      assertThat(server.failure()).isEmpty();
    }
    DirtyTracker liar = TrackerFault.CLEARS_BITMAP.inject(new ReferenceTracker());
    try (TrackerServer server = server(liar);
        SmallVmm vmm = vmm()) {
      vmm.does("start 0 0x40000 4096");
      assertThat(vmm.does("report 0 0x40000 4096 0x8001")).isEqualTo("0 0 0");
      assertThat(server.failure()).isEmpty();
    }
  }

  @Test
  void R_DT_44_aReportOfMoreThan64GiBComesInTwoWindows() throws Exception {
    ReferenceTracker tracker = new ReferenceTracker();
    try (TrackerServer server = server(tracker);
        SmallVmm vmm = vmm()) {
      vmm.does("start 0 0x1000008000 4096");
      tracker.dmaWrite(new AddressRange(0x2000, 0x2000));
      tracker.dmaWrite(new AddressRange(0x1000003000L, 0x1000003000L));
      assertThat(vmm.does("report 0 0x1000008000 4096")).isEqualTo("0 4 8");
      assertThat(server.asked(DEVICE).reports()).isEqualTo(2);
    }
  }

  @Test
  void aTrackerThatThrowsIsAnErrorForTheCallerAndIsTold() throws Exception {
    DirtyTracker thrower = TrackerFault.THROWS_OUTSIDE.inject(new ReferenceTracker());
    try (TrackerServer server = server(thrower);
        SmallVmm vmm = vmm()) {
      vmm.does("start 0 0x10000 4096");
      assertThat(vmm.does("report 0x20000 0x1000 4096")).startsWith(EIO + " ");
      assertThat(vmm.does("report 0 0x10000 4096")).isEqualTo("0 0 0");
      assertThat(server.failure()).get().asString().contains(DEVICE + " throws in report: ");
    }
  }

  @Test
  void aGrantOfPagesThatAreNoneIsTheTrackersFailure() throws Exception {
    DirtyTracker odd = TrackerFault.GRANTS_ODD_PAGE_SIZE.inject(new ReferenceTracker());
    try (TrackerServer server = server(odd);
        SmallVmm vmm = vmm()) {
      assertThat(vmm.does("start 0 0x10000 4096")).startsWith(EINVAL + " ");
      assertThat(server.failure()).get().asString().contains("grants pages of 6000 bytes");
    }
  }

  /** A tracker that thinks for longer than QEMU waits. */
  private static final class SlowTracker implements DirtyTracker {
    @Override
    public StartResult start(List<AddressRange> ranges, long pageSize) {
      return new StartResult.Granted(pageSize);
    }

    @Override
    public void dmaWrite(AddressRange written) {
      // nothing is logged
    }

    @Override
    public Optional<Errno> report(AddressRange range, long pageSize, DirtyBitmap into) {
      try {
        Thread.sleep(5000);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
      return Optional.empty();
    }

    @Override
    public Optional<Errno> stop() {
      return Optional.empty();
    }
  }

  @Test
  void whoeverIsTooSlowIsDeadFromThenOn() throws Exception {
    try (TrackerServer server = server(new SlowTracker());
        SmallVmm vmm = vmm()) {
      vmm.does("map 0x1000 0x1000 3 0x4000");
      vmm.does("start 0 0x10000 4096");
      long begin = System.nanoTime();
      assertThat(vmm.does("report 0 0x10000 4096")).startsWith(EIO + " ");
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isLessThan(Duration.ofSeconds(5)); // as it thinks
      assertThat(vmm.does("report 0 0x10000 4096")).startsWith(EIO + " ");
      assertThat(write(server, 0x1000, 0x1000)).contains(Errno.EIO);
    }
  }

  @Test
  void aServerThatHasGoneOrWasNeverThereIsAnErrorForTheCaller() throws Exception {
    try (SmallVmm vmm = vmm()) {
      assertThat(vmm.does("start 0 0x10000 4096")).startsWith(EIO + " ");
    }
    TrackerServer server = server(new ReferenceTracker());
    try (SmallVmm vmm = vmm()) {
      assertThat(vmm.does("start 0 0x10000 4096")).startsWith("0 ");
      server.close();
      assertThat(vmm.does("report 0 0x10000 4096")).startsWith(EIO + " ");
      assertThat(vmm.does("stop")).isEqualTo("" + EIO);
      DmaWrite late = new DmaWrite(DEVICE, new AddressRange(0, 0), 7);
      assertThatThrownBy(() -> server.dmaWrite(late)).isInstanceOf(IOException.class);
    }
    assertThat(socket()).doesNotExist();
  }

  /** Takes the place of the server and answers a report with what it likes. */
  private String reportAnsweredBy(Consumer<ByteBuffer> answer) throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(socket()));
      try (SmallVmm vmm = vmm();
          SocketChannel track = listener.accept();
          SocketChannel control = listener.accept()) {
        ByteBuffer start = ByteBuffer.allocate(16);
        Thread peer =
            new Thread(() -> {
              try {
                skip(track, TrackerMessage.BYTES + TrackerMessage.BYTES + 16);
                track.write(start);
                skip(track, TrackerMessage.BYTES + 8);
                ByteBuffer bytes = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
                answer.accept(bytes);
                track.write(bytes.flip());
              } catch (IOException gone) {
                // the other side has had enough
              }
            });
        peer.start();
        assertThat(vmm.does("start 0 0x10000 4096")).startsWith("0 ");
        String said = vmm.does("report 0 0x10000 4096");
        peer.join();
        assertThat(control.isOpen()).isTrue();
        return said;
      }
    } finally {
      Files.deleteIfExists(socket());
    }
  }

  private static void skip(SocketChannel from, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining() && from.read(bytes) >= 0) {
      // until all is there
    }
  }

  @Test
  void answersThatAreNonsenseOrIncompleteAreAnErrorForTheCaller() throws Exception {
    String failed = EIO + " ";
    assertThat(reportAnsweredBy(to -> to.putInt(70_000).putInt(0).putLong(8))).startsWith(failed);
    assertThat(reportAnsweredBy(to -> to.putInt(0).putInt(0).putLong(1L << 40))).startsWith(failed);
    assertThat(reportAnsweredBy(to -> to.putInt(0).putInt(0).putLong(8).putInt(1)))
        .startsWith(failed);
    assertThat(reportAnsweredBy(to -> to.putInt(0))).startsWith(failed);
    assertThat(reportAnsweredBy(to -> to.putInt(0).putInt(0).putLong(8).putLong(5)))
        .isEqualTo("0 5 5");
  }

  /** What the server says of a peer that sends these messages, after which it is sent away. */
  private String toldOf(TrackerMessage... messages) throws Exception {
    try (TrackerServer server = server(new ReferenceTracker());
        SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      peer.connect(UnixDomainSocketAddress.of(socket()));
      ByteBuffer bytes = ByteBuffer.allocate(messages.length * TrackerMessage.BYTES);
      for (TrackerMessage message : messages) {
        message.put(bytes);
      }
      peer.write(bytes.flip());
      try {
        assertThat(peer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      } catch (IOException reset) {
        // sent away as well
      }
      for (int i = 0; i < 500 && server.failure().isEmpty(); i++) {
        Thread.sleep(10);
      }
      return server.failure().orElse("nothing");
    }
  }

  private static TrackerMessage message(int operation, int count, long a, long b, long c) {
    return new TrackerMessage(operation, count, a, b, c, DEVICE);
  }

  @Test
  void aPeerThatSendsNonsenseIsSentAwayAndTold() throws Exception {
    TrackerMessage hello = message(TrackerMessage.TRACK, 0, 0, 0, 0);
    assertThat(toldOf(message(99, 0, 0, 0, 0))).endsWith("begins with operation 99");
    assertThat(toldOf(hello, message(99, 0, 0, 0, 0))).endsWith("unknown operation 99");
    assertThat(toldOf(hello, message(TrackerMessage.START, 257, 4096, 0, 0)))
        .endsWith("a start with 257 ranges");
    assertThat(toldOf(hello, message(TrackerMessage.REPORT, 0, 0, 1L << 37, 4096)))
        .endsWith("a report of 33554432 pages");
    assertThat(toldOf(hello, message(TrackerMessage.REPORT, 0, 0, 4096, 1000)))
        .endsWith("pages of 1000 bytes");
    assertThat(toldOf(hello, message(TrackerMessage.REPORT, 0, -4096, 8192, 4096)))
        .endsWith("a range of 8192 bytes from 0xfffffffffffff000");
    assertThat(toldOf(hello, message(TrackerMessage.WROTE, 0, 0, 0, 0)))
        .endsWith("a range of 0 bytes from 0x0");
  }

  @Test
  void aSecondPeerIsSentAwayAndTheFirstGoesOn() throws Exception {
    try (TrackerServer server = server(new ReferenceTracker());
        SmallVmm first = vmm()) {
      assertThat(first.does("start 0 0x10000 4096")).startsWith("0 ");
      try (SmallVmm second = vmm()) {
        assertThat(second.does("start 0 0x10000 4096")).startsWith(EIO + " ");
      }
      assertThat(first.does("report 0 0x10000 4096")).isEqualTo("0 0 0");
      assertThat(server.failure()).get().asString().contains("a second connection");
    }
  }

  @Test
  void aFolderThatOthersMayEnterIsRefused() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
    assertThatThrownBy(() -> server(new ReferenceTracker()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a folder with mode 0700");
  }

  @Test
  void withoutAQemuNothingIsWritten() throws Exception {
    try (TrackerServer server = server(new ReferenceTracker())) {
      assertThat(server.awaitConnection(Duration.ofMillis(20))).isFalse();
      assertThatThrownBy(() -> server.dmaWrite(new DmaWrite(DEVICE, new AddressRange(0, 0), 1)))
          .hasMessage("no QEMU is connected");
    }
  }
}
