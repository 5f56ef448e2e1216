package io.github.stopcopy.qemu.mtree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.GuestMemory;
import io.github.stopcopy.core.memory.MemoryMap;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.qemu.Mutations;
import io.github.stopcopy.qemu.Resources;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MtreeReaderTest {

  private static final String HEAD =
      "FlatView #0\n AS \"memory\", root: system\n Root memory region: system\n";
  private static final String RAM =
      "  0000000000000000-0000000000000fff (prio 0, ram): pc.ram KVM\n";

  private static MtreeDump read(String text) throws InputException {
    return MtreeReader.read("m.txt", text);
  }

  private static MtreeRow row(String row) throws InputException {
    return read(HEAD + row + "\n\n").views().get(0).rows().get(0);
  }

  private static void assertRefused(String text, String message) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(InputException.class).hasMessage(message);
  }

  @Test
  void R_AS_100_endsAreInclusiveAndReachTheLastByte() throws InputException {
    MtreeRow row = row("  0000000000000000-ffffffffffffffff (prio 0, i/o): all");
    assertThat(row.range()).isEqualTo(new AddressRange(0, -1));
    assertThat(row.range().size()).isEqualTo(ByteSize.WHOLE_SPACE);
  }

  @Test
  void R_AS_101_offsetOnlyWhenNotZero() throws InputException {
    assertThat(row("  0000000000000000-0000000000000fff (prio 0, ram): r").offset()).isZero();
    MtreeRow row =
        row("  0000000000000000-0000000000000fff (prio -7, nv-ram): r @0000000000002000");
    assertThat(row.offset()).isEqualTo(0x2000);
    assertThat(row.priority()).isEqualTo(-7);
    assertThat(row.nonvolatile()).isTrue();
    assertThat(row.name()).isEqualTo("r");
  }

  @ParameterizedTest
  @CsvSource({"ram, RAM", "rom, ROM", "romd, ROMD", "ramd, RAMD", "i/o, IO"})
  void R_AS_102_types(String text, RowType type) throws InputException {
    assertThat(row("  0000000000000000-0000000000000fff (prio 0, " + text + "): r").type())
        .isEqualTo(type);
    assertThat(type.text()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000:01:00.0 BAR 0 mmaps[0]",
        "a, b (c): d",
        "x@y",
        "x @1",
        "KVM",
        "two KVM words",
        "orphan",
        "x owner:{",
        "memory @000000000000200"
      })
  void R_AS_103_namesOfAllKinds(String name) throws InputException {
    String front = "  0000000000000000-0000000000000fff (prio 0, ramd): ";
    for (String offset : List.of("", " @0000000000001000")) {
      for (String accelerators : List.of("", " KVM", " KVM KVM", " tcg")) {
        MtreeRow row = row(front + name + offset + accelerators);
        assertThat(row.name()).isEqualTo(name);
        assertThat(row.offset()).isEqualTo(offset.isEmpty() ? 0 : 0x1000);
        assertThat(String.join("", row.accelerators().stream().map(a -> " " + a).toList()))
            .isEqualTo(accelerators);
      }
    }
  }

  @Test
  void R_AS_103_acceleratorsKeepTheirOrder() throws InputException {
    assertThat(row("  0000000000000000-0000000000000fff (prio 0, ram): r HVF KVM").accelerators())
        .containsExactly("HVF", "KVM");
  }

  @Test
  void R_AS_104_severalAddressSpacesShareAView() throws InputException {
    MtreeDump dump =
        read(
            "FlatView #3\n AS \"vtd-root\", root: vtd-02.0\n AS \"a\", root: b, alias c d\n"
                + " Root memory region: vtd-nodmar\n"
                + RAM
                + "\n");
    MtreeFlatView view = dump.views().get(0);
    assertThat(view.number()).isEqualTo(3);
    assertThat(view.addressSpaces())
        .containsExactly(
            new AddressSpaceRef("vtd-root", "vtd-02.0", Optional.empty()),
            new AddressSpaceRef("a", "b", Optional.of("c d")));
    assertThat(view.rootRegion()).contains("vtd-nodmar");
    assertThat(dump.viewOf("a")).contains(view);
    assertThat(dump.viewOf("memory")).isEmpty();
    assertThat(dump.systemMemory()).isEmpty();
  }

  @Test
  void R_AS_105_noRenderedFlatView() throws InputException {
    MtreeDump dump =
        read(
            "FlatView #0\n AS \"e\", root: bus master container\n Root memory region: (none)\n"
                + "  No rendered FlatView\n\n"
                + HEAD.replace("#0", "#1")
                + RAM);
    assertThat(dump.views()).hasSize(2);
    assertThat(dump.views().get(0).rows()).isEmpty();
    assertThat(dump.views().get(0).rootRegion()).isEmpty();
    assertThat(dump.systemMemory().orElseThrow()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " owner:{dev id=v1}",
        " owner:{obj path=/objects/ram0}",
        " owner:{dev id=v1} parent:{obj type=x}",
        " parent:{obj path=/a}",
        " orphan"
      })
  void R_AS_106_ownersAreDropped(String owner) throws InputException {
    MtreeRow row =
        row(
            "  0000000000000000-0000000000000fff (prio 0, ram): r s @0000000000001000"
                + owner
                + " KVM");
    assertThat(row.name()).isEqualTo("r s");
    assertThat(row.offset()).isEqualTo(0x1000);
    assertThat(row.accelerators()).containsExactly("KVM");
  }

  @Test
  void R_AS_107_theTreeFormIsRefused() {
    assertRefused(
        "address-space: memory\n" + "  0000000000000000-ffffffffffffffff (prio 0, i/o): system\n",
        "m.txt:1: this is the tree of `info mtree`, expected the output of `info mtree -f`");
  }

  @Test
  void theTreeInFrontOfTheFlatViewsIsPassedOver() throws InputException {
    assertThat(read("address-space: memory\n  x\n\n" + HEAD + RAM).views()).hasSize(1);
  }

  @Test
  void linesOfTheMonitorAndCarriageReturnsAreTolerated() throws InputException {
    String text = "QEMU 10.2.2 monitor\n(qemu) info mtree -f\n" + HEAD + RAM + "\n(qemu) \n";
    assertThat(read(text)).isEqualTo(read(HEAD + RAM));
    assertThat(read(text.replace("\n", "\r\n"))).isEqualTo(read(HEAD + RAM));
  }

  @ParameterizedTest
  @ValueSource(strings = {"    ", "> ", "> > ", ">", "\t", "| ", " "})
  void textThatIsIndentedOrQuotedIsTheSame(String before) throws InputException {
    String text = "(qemu) info mtree -f\n" + HEAD + RAM + "\n(qemu) quit\n";
    String pasted = text.lines().map(line -> before + line + "\r\n").reduce("", String::concat);
    assertThat(read(pasted)).isEqualTo(read(text));
    assertThat(read(pasted.replace(before + "\r\n", "\n"))).isEqualTo(read(text));
  }

  @Test
  void textThatLostItsBlanksOrGotEmptyLinesIsTheSame() throws InputException {
    String text = HEAD + RAM + RAM.replace("0000-", "1000-").replace("0fff", "1fff") + "\n";
    MtreeDump dump = read(text);
    assertThat(dump.views().get(0).rows()).hasSize(2);
    assertThat(read(text.replaceAll("(?m)^ +", ""))).isEqualTo(dump);
    assertThat(read(text.replace("\n", "  \n"))).isEqualTo(dump);
    assertThat(read(text.replace("\n", "\n\n"))).isEqualTo(dump);
    assertThat(read("(qemu) " + text + "That is all.\n")).isEqualTo(dump);
    assertThat(read(text.substring(text.indexOf('\n') + 1))).isEqualTo(dump);
  }

  @Test
  void anAnswerOfQmpIsTheTextInside() throws InputException {
    String inside = (HEAD + RAM).replace("\"", "\\\"").replace("\n", "\\r\\n");
    for (String answer :
        List.of(
            "{\"return\": \"" + inside + "\"}",
            "{\"QMP\": {}}\n{\"return\": {}}\n{\"return\":\""
                + inside
                + "\",\"id\":\"libvirt-9\"}\n",
            "\"" + inside + "\"")) {
      assertThat(read(answer)).isEqualTo(read(HEAD + RAM));
    }
  }

  @Test
  void aRowThatWasLeftOutIsNotPassedOver() {
    assertRefused(
        HEAD + RAM + "  ...\n" + RAM,
        "m.txt:5: '  ...', expected a row 'FIRST-LAST (prio N, TYPE): NAME' or an empty line");
  }

  @Test
  void R_OBS_9_aReadOnlyRowOfAKnownRegionIsThatRegion() throws InputException {
    List<PlacedRegion> rows =
        read(HEAD
                + "  0000000000000000-0000000000000fff (prio 0, ram): ram0\n"
                + "  0000000000001000-0000000000001fff (prio 0, rom): ram0 @0000000000001000\n"
                + "  0000000000002000-0000000000002fff (prio 0, rom): flash @0000000000001000\n"
                + "  0000000000003000-0000000000003fff (prio 0, rom): bios\n"
                + "  0000000000004000-0000000000004fff (prio 0, ramd): bar\n"
                + "  0000000000005000-0000000000005fff (prio 0, rom): bar @0000000000001000\n"
                + "  0000000000006000-0000000000006fff (prio 0, i/o): regs\n"
                + "  0000000000007000-0000000000007fff (prio 0, rom): regs @0000000000001000\n"
                + "  0000000000008000-0000000000009fff (prio 0, romd): flash\n\n")
            .systemMemory()
            .orElseThrow();
    assertThat(rows)
        .extracting(PlacedRegion::kind)
        .containsExactly(
            RegionKind.RAM,
            RegionKind.RAM,
            RegionKind.ROM_DEVICE,
            RegionKind.ROM,
            RegionKind.RAM_DEVICE,
            RegionKind.RAM_DEVICE,
            RegionKind.IO,
            RegionKind.IO,
            RegionKind.ROM_DEVICE);
    assertThat(rows)
        .extracting(PlacedRegion::readonly)
        .containsExactly(false, true, true, true, false, true, false, true, false);
  }

  @Test
  void R_OBS_9_recordedFlash() throws InputException {
    assertThat(kinds("pflash-10.2", "system.flash0"))
        .containsExactly("[0xe0000,0xfffff] ROM_DEVICE", "[0xffc00000,0xffffffff] ROM_DEVICE");
    assertThat(kinds("pflash-8.1", "isa-bios")).containsExactly("[0xe0000,0xfffff] ROM");
  }

  private static List<String> kinds(String resource, String name) throws InputException {
    return read(Resources.text("mtree/" + resource + ".txt")).systemMemory().orElseThrow().stream()
        .filter(row -> row.name().equals(name))
        .map(row -> row.range() + " " + row.kind())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pflash-8.1",
        "pflash-10.2",
        "msix",
        "ivshmem-8g",
        "ram-1000g",
        "vtd-64g",
        "vtd-1t"
      })
  void recordedTextBecomesTheSameFlatView(String resource) throws InputException {
    MtreeDump dump = read(Resources.text("mtree/" + resource + ".txt"));
    assertThat(dump.views()).hasSizeGreaterThan(1);
    for (MtreeFlatView view : dump.views()) {
      GuestMemory memory = new GuestMemory(false, true);
      MemoryRegion.Container root = memory.container("system", ByteSize.WHOLE_SPACE);
      AddressSpace space = memory.addressSpace("memory", root);
      new MemoryMap(memory, root).show(view.placedRegions());
      assertThat(space.view().ranges().stream().map(MtreeReaderTest::line).toList())
          .isEqualTo(view.rows().stream().map(MtreeReaderTest::line).toList());
    }
  }

  private static String line(MtreeRow row) {
    return row.range() + " " + row.type() + " " + row.name() + " @" + row.offset();
  }

  private static String line(FlatRange range) {
    RowType type =
        range.readonly()
            ? RowType.ROM
            : range.region() instanceof MemoryRegion.Ram
                ? RowType.RAM
                : range.region() instanceof MemoryRegion.RamDevice
                    ? RowType.RAMD
                    : range.region() instanceof MemoryRegion.RomDevice ? RowType.ROMD : RowType.IO;
    return range.range() + " " + type + " " + range.region().name() + " @" + range.offsetInRegion();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "hello\nworld\n", "{\"return\": \"\"}", "flatview #0\n"})
  void otherTextIsRefused(String text) {
    assertRefused(
        text, "m.txt: no line begins with 'FlatView #', expected the output of `info mtree -f`");
  }

  @Test
  void rowsOutOfOrderAreRefused() {
    String second = "  0000000000001000-0000000000001fff (prio 0, ram): pc.ram\n";
    assertRefused(
        HEAD + second + RAM,
        "m.txt:5: the row [0x0,0xfff] does not lie behind the one before it, [0x1000,0x1fff],"
            + " expected ascending rows");
    assertRefused(
        HEAD + RAM + second.replace("1000-", "0fff-"),
        "m.txt:5: the row [0xfff,0x1fff] does not lie behind the one before it, [0x0,0xfff],"
            + " expected ascending rows");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "  0000000000000000-0000000000000fff (prio 0, ram): ",
        "  0000000000000000-0000000000000fff (prio 0, ram)",
        "  0000000000000000-0000000000000f",
        "  0000000000000000-0000000000000FFF (prio 0, ram): r",
        "  0000000000001000-0000000000000fff (prio 0, ram): r",
        "  0000000000000000-0000000000000fff (prio 99999999999, ram): r",
        "  0000000000000000-0000000000000fff (prio 9999999999, ram): r",
        "  0000000000000000-0000000000000fff (prio 0, flash): r",
        "  0000000000000000-0000000000000fff (prio 0, ram): r @fffffffffffff001",
        "FlatView #1"
      })
  void rowsThatAreNoneAreRefused(String row) {
    assertRefused(
        HEAD + RAM + row + "\n",
        "m.txt:5: '"
            + row
            + "', expected a row 'FIRST-LAST (prio N, TYPE): NAME' or an empty line");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "+0", "-1", "\u0665", "\uff10", "0x1", "99999999999"})
  void viewsHaveAPlainNumber(String number) {
    String line = "FlatView #" + number;
    assertRefused(line + "\n", "m.txt:1: '" + line + "', expected a number behind 'FlatView #'");
  }

  @Test
  void viewsThatAreIncompleteAreRefused() {
    assertRefused(
        "FlatView #0\n", "m.txt:2: the text ends, expected a line ' AS \"NAME\", root: NAME'");
    assertRefused(
        "FlatView #0\n Root memory region: x\n",
        "m.txt:2: ' Root memory region: x', expected a line ' AS \"NAME\", root: NAME'");
    assertRefused(
        "FlatView #0\n AS \"memory, root: x\n",
        "m.txt:2: ' AS \"memory, root: x', expected a line ' AS \"NAME\", root: NAME'");
    assertRefused(
        "FlatView #0\n AS \"memory\", root: x\n" + RAM,
        "m.txt:3: '"
            + RAM.strip().replaceFirst("^", "  ")
            + "', expected a line ' Root memory region: NAME'");
    assertRefused(HEAD, "m.txt:4: the text ends, expected a row or '  No rendered FlatView'");
    assertRefused(HEAD + "x\n", "m.txt:4: 'x', expected a row or '  No rendered FlatView'");
    assertRefused(
        HEAD + "  No rendered FlatView\n" + RAM,
        "m.txt:5: '"
            + RAM.strip().replaceFirst("^", "  ")
            + "', expected an empty line behind the flat view");
    assertRefused(
        HEAD + RAM + "\nx\n" + RAM,
        "m.txt:7: '"
            + RAM.strip().replaceFirst("^", "  ")
            + "', expected a line 'FlatView #...' or the end");
    assertRefused("FlatView #x\n", "m.txt:1: 'FlatView #x', expected a number behind 'FlatView #'");
  }

  @Test
  void twoDumpsInOneTextAreRefused() {
    assertRefused(
        HEAD + RAM + "\n" + HEAD + RAM,
        "m.txt:6: flat view #0 again, after line 1; expected one dump");
  }

  @Test
  void hugeTextIsRefused() {
    String text = "x".repeat((64 << 20) + 1);
    assertRefused(text, "m.txt: 67108865 characters, expected at most 67108864");
  }

  @Test
  void damagedTextIsReadOrRefusedButNeverBreaksTheReader() {
    String good = Resources.text("mtree/vtd-1t.txt");
    List<String> tokens =
        List.of(
            "\n",
            "\n\n",
            "FlatView #",
            " AS \"",
            "\", root: ",
            " KVM",
            " @",
            "(none)",
            "\r",
            "  No rendered FlatView\n",
            " orphan",
            " owner:{",
            "}",
            "ffffffffffffffff",
            "-",
            "\0");
    int refused = 0;
    for (long seed = 1; seed <= 3000; seed++) {
      String text = Mutations.of(good, new Random(seed), tokens);
      try {
        read(text).systemMemory();
      } catch (InputException e) {
        refused++;
      } catch (RuntimeException e) {
        fail("seed " + seed, e);
      }
    }
    assertThat(refused).isBetween(500, 2999);
  }
}
