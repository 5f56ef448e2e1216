package io.github.stopcopy.cli;

import static io.github.stopcopy.cli.CommandLineRun.example;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input gets one clear line and exit code 2, or QEMU's own message where QEMU has one. */
class BadInputTest {

  private static final String VM = "-machine q35 -m 2G -device vfio-pci,host=01:00.0,id=v1";

  @TempDir private Path folder;

  private String file(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private static void assertOneLine(CommandLineRun run, String... parts) {
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err().lines()).as(run.err()).hasSize(1);
    assertThat(run.err()).startsWith("stopcopy: ").contains(parts).doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }

  static Stream<Arguments> commandLines() {
    return Stream.of(
        Arguments.of("", new String[] {"qemu.args"}),
        Arguments.of("-machine q35 -m 'unbalanced", new String[] {"qemu.args:1:", "quote"}),
        Arguments.of("-machine q35 \\\n -m 5X", new String[] {"qemu.args:2:", "5X"}),
        Arguments.of("-machine q35 -m 18446744073709551616", new String[] {"qemu.args:1:"}),
        Arguments.of("-machine virt -m 1G", new String[] {"virt", "q35"}),
        Arguments.of(VM + " -device", new String[] {"-device"}),
        Arguments.of(VM + " -device arm-smmuv3", new String[] {"qemu.args:1:", "'arm-smmuv3'"}),
        Arguments.of(
            VM + " -device vfio-ap,sysfsdev=/x", new String[] {"qemu.args:1:", "'vfio-ap'"}),
        Arguments.of(VM + " -device toy-iommu", new String[] {"qemu.args:1:", "'toy-iommu'"}),
        Arguments.of("\u0000\u0001\u0002ELF", new String[] {"qemu.args"}));
  }

  @ParameterizedTest
  @MethodSource("commandLines")
  void commandLine(String text, String[] parts) throws Exception {
    assertOneLine(CommandLineRun.of("check", "--qemu-args", file("qemu.args", text)), parts);
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of(
            VM + " -device vfio-pci,host=02:00.0,nonsense=1",
            "Property 'vfio-pci.nonsense' not found"),
        Arguments.of(
            VM + ",enable-migration=maybe",
            "Parameter 'enable-migration' does not accept value 'maybe'"),
        Arguments.of(
            "-machine q35 -device intel-iommu,aw-bits=57 -device vfio-pci,host=01:00.0",
            "Legacy mode: supported values for aw-bits are: 39, 48"),
        Arguments.of("-machine q35 -device vfio-pci,id=v1", "No provided host device"),
        Arguments.of(VM + " -device vfio-pci,host=02:00.0,id=v1", "Duplicate ID 'v1' for device"),
        Arguments.of(
            VM + " -device '{\"driver\": \"e1000\", \"id\": \"v1\"}'", "Duplicate device ID 'v1'"),
        Arguments.of(VM + " -object iommufd,id=f -object iommufd,id=f", "Duplicate ID 'f' for"),
        Arguments.of(VM + ",iommufd=f", "Device 'f' not found"),
        Arguments.of(
            "-machine q35 -m 1G -device pc-dimm,memdev=nothing", "Device 'nothing' not found"),
        Arguments.of(
            VM + " -device intel-iommu -device amd-iommu",
            "QEMU does not support multiple vIOMMUs for x86 yet."));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void whatQemuItselfRefusesIsRefusedInItsWords(String text, String message) throws Exception {
    CommandLineRun run = CommandLineRun.of("check", "--qemu-args", file("qemu.args", text));

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).startsWith("refused: ").contains("QEMU says: " + message);
    assertThat(run.err()).isEmpty();
  }

  static Stream<Arguments> hosts() {
    return Stream.of(
        Arguments.of("", "JSON object"),
        Arguments.of("[]", "expected an object"),
        Arguments.of("{\"page-size\": \"big\"}", "page-size"),
        Arguments.of("{\"page-size\": 5000}", "expected a power of two"),
        Arguments.of("{\"page-size\": 4096.5}", "page-size"),
        Arguments.of("{\"page-sise\": 4096}", "unknown key 'page-sise'"),
        Arguments.of("{\"accel\": \"xen\"}", "expected kvm or tcg"),
        Arguments.of("{\"containers\": {\"dma-available\": 18446744073709551616}}", "2^64-1"),
        Arguments.of("{\"containers\": {\"dma-available\": -1}}", "negative"),
        Arguments.of("{\"containers\": {\"iova-ranges\": [[5, 3]]}}", "first"),
        Arguments.of("{\"containers\": {\"page-sizes\": 0}}", "page-sizes"),
        Arguments.of("{\"devices\": {\"d\": {\"migration\": [\"fast\"]}}}", "stop-copy"),
        Arguments.of("{\"devices\": {\"d\": {\"migration\": {\"errno\": 9999}}}}", "errno"),
        Arguments.of("{\"devices\": {\"d\": {\"bars\": {\"7\": {\"size\": 1}}}}}", "BAR number"),
        Arguments.of("{\"devices\": {\"d\": {\"set-state-errno\": {\"FLYING\": 5}}}}", "FLYING"),
        Arguments.of("null", "the JSON is null, expected an object"),
        Arguments.of("{\"page-size\": \"+4096\"}", "'+4096' is not a number, expected 0 to 2^64-1"),
        Arguments.of("{\"page-size\": \"\u0664\u0660\u0669\u0666\"}", "is not a number"),
        Arguments.of("{\"page-size\": \"-0x1000\"}", "is not a number"),
        Arguments.of("{\"page-size\": 1e999}", "expected a number"),
        Arguments.of("{\"page-size\": 2147483648}", "expected 4096 to 1073741824"),
        Arguments.of("{\"page-size\": " + "9".repeat(200) + "}", "maximum allowed (100)"),
        Arguments.of("{\"page-size\": NaN}", "Non-standard token 'NaN'"),
        Arguments.of("{\"page-size\": \u0000}", "CTRL-CHAR"),
        Arguments.of("{/* 4 KiB */}", "comment"),
        Arguments.of("{\"a\\u0000\\nb\": 1}", "unknown key 'a  b'"),
        Arguments.of("{\"containers\": null}", "'containers' is null, expected an object"),
        Arguments.of("{\"containers\": {\"iova-ranges\": [[1, 2, 3]]}}", "[first, last]"),
        Arguments.of("{\"devices\": {\"d\": {\"bars\": [1]}}}", "expected an object"),
        Arguments.of("{\"devices\": {\"d\": {\"group\": 4294967296}}}", "0 to 2147483647"),
        Arguments.of("{\"accel\": \"kvm\"}{}", "Trailing token"),
        Arguments.of("{\"page-size\": 4096} trailing", "JSON"),
        Arguments.of("{\"page-size\": 4096, \"page-size\": 4096}", "JSON"),
        Arguments.of(
            "{\"devices\": " + "{\"a\":".repeat(100) + "1" + "}".repeat(100) + "}", "JSON"),
        Arguments.of("{\"devices\": {", "JSON"));
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void hostFacts(String text, String part) throws Exception {
    CommandLineRun run =
        CommandLineRun.of(
            "check", "--qemu-args", file("qemu.args", VM), "--host", file("host.json", text));
    assertOneLine(run, "host.json", part);
    assertThat(run.err()).doesNotContain("[Source", "Feature", "Constraints", "jackson");
  }

  static Stream<Arguments> domains() {
    return Stream.of(
        Arguments.of("", "domain.xml: is empty"),
        Arguments.of(VM, "domain.xml:1: no valid XML"),
        Arguments.of("<domain>\n<name>\n</domain>", "domain.xml:3: no valid XML"),
        Arguments.of("<!DOCTYPE d SYSTEM '/etc/passwd'><d/>", "document type declaration"),
        Arguments.of("<network/>", "expected <domain>"),
        Arguments.of("<domain type='kvm'>".repeat(9999), "more than 64 elements"),
        Arguments.of(
            "<domain type='kvm'><os><type machine='virt'>hvm</type></os></domain>", "virt"));
  }

  @ParameterizedTest
  @MethodSource("domains")
  void domainXml(String text, String part) throws Exception {
    assertOneLine(CommandLineRun.of("check", "--libvirt", file("domain.xml", text)), part);
  }

  @Test
  void memoryDumpThatIsTruncatedShuffledOrSomethingElse() throws Exception {
    String good = Files.readString(Path.of(example("plain-one-vf", "mtree.txt")));
    String cut = good.substring(0, good.indexOf("pc.bios") - 30);
    String[] lines = good.split("\n");
    String swap = lines[10];
    lines[10] = lines[9];
    lines[9] = swap;
    for (String text :
        new String[] {
          cut,
          String.join("\n", lines) + "\n",
          "",
          "hello",
          "address-space: memory\n",
          "\u0000\u0001"
        }) {
      CommandLineRun run =
          CommandLineRun.of(
              "check", "--qemu-args", file("qemu.args", VM), "--mtree", file("mtree.txt", text));
      assertOneLine(run, "mtree.txt");
    }
  }

  @Test
  void runAnswersTheGoodLinesAndNamesTheBadOnes() throws Exception {
    String good =
        "{\"id\":\"a\",\"profile\":\"10.2\",\"argv\":[\"-machine\",\"q35\"],"
            + "\"steps\":[{\"do\":\"migrate\"}]}";
    String text =
        String.join(
            "\n",
            good,
            "{\"id\":\"b\"}",
            good.replace("10.2", "4.2"),
            good.replace("migrate", "fly"),
            good.replace("\"id\"", "\"idd\""),
            "",
            good);
    CommandLineRun run = CommandLineRun.of("run", file("many.jsonl", text));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out().lines()).hasSize(2);
    assertThat(run.err().lines())
        .hasSize(4)
        .satisfiesExactly(
            line -> assertThat(line).contains("many.jsonl:2:", "profile"),
            line -> assertThat(line).contains("many.jsonl:3:", "4.2"),
            line -> assertThat(line).contains("many.jsonl:4:", "fly"),
            line -> assertThat(line).contains("many.jsonl:5:", "idd"));
  }

  @Test
  void byteOrderMarkAndWindowsLineEndsAreNoFault() throws Exception {
    String good = "{\"id\":\"a\",\"profile\":\"10.2\",\"argv\":[\"-machine\",\"q35\"]}";
    CommandLineRun run =
        CommandLineRun.of("run", file("bom.jsonl", "\ufeff" + good + "\r\n\r\n" + good));

    assertThat(run.err()).isEmpty();
    assertThat(run.out().lines()).hasSize(2);
    assertThat(
            CommandLineRun.of("check", "--scenario", file("bom.json", "\ufeff" + good)).exitCode())
        .isZero();
  }

  @Test
  void brokenJsonIsNamedWithoutThePartsOfTheParser() throws Exception {
    CommandLineRun run = CommandLineRun.of("run", file("s.jsonl", "{\"id\":[}"));

    assertOneLine(run, "s.jsonl:1:", "no valid JSON", "expected ']'");
    assertThat(run.err()).doesNotContain("Source", "Feature");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "nonsense",
        "[]",
        "{\"scenario\":5}",
        "{\"scenario\":null}",
        "{\"profile\":8.1,\"argv\":[]}",
        "{\"profile\":\"\u0661\u0660.\u0662\",\"argv\":[]}",
        "{\"profile\":\"7.2\",\"argv\":[]}",
        "{\"profile\":\"10.2\",\"argv\":\"x\"}",
        "{\"profile\":\"10.2\",\"argv\":[1]}",
        "{\"profile\":\"10.2\",\"argv\":[\"\\u0000\"]}",
        "{\"profile\":\"10.2\",\"argv\":[\"-device\",\"{\\\"a\\\":{\\\"a\\\":\"]}",
        "{\"profile\":\"10.2\",\"argv\":[],\"id\":null}",
        "{\"profile\":\"10.2\",\"argv\":[],\"mtree\":\"\"}",
        "{\"profile\":\"10.2\",\"argv\":[],\"steps\":{}}",
        "{\"profile\":\"10.2\",\"argv\":[],\"steps\":[{\"do\":5}]}",
        "{\"profile\":\"10.2\",\"argv\":[],\"steps\":[{\"do\":\"device-add\"}]}",
        "{\"profile\":\"10.2\",\"argv\":[],\"steps\":[{\"do\":\"migrate\",\"hold\":\"yes\"}]}"
      })
  void linesThatAreNoScenariosAreOneLineEach(String line) throws Exception {
    CommandLineRun run = CommandLineRun.of("run", file("s.jsonl", line));

    assertOneLine(run, "s.jsonl:1: ");
    assertThat(run.err()).doesNotContain("[Source", "Feature", "Constraints", "jackson");
  }

  @Test
  void aDeviceThatIsPluggedAndNobodyModelsIsBadInputToo() throws Exception {
    String line =
        "{\"profile\":\"10.2\",\"argv\":[\"-machine\",\"q35\"],\"steps\":[{\"do\":\"device-add\","
            + "\"args\":{\"driver\":\"toy-iommu\"}}]}";
    assertOneLine(
        CommandLineRun.of("run", file("s.jsonl", line)), "s.jsonl:1: no provider for toy-iommu; ");
  }

  @Test
  void stepsThatCannotBePlayedAreBadInput() throws Exception {
    String scenario =
        "{\"id\":\"a\",\"profile\":\"10.2\",\"argv\":[\"-machine\",\"q35\"],\"steps\":[%s]}";
    for (String step :
        new String[] {
          "{\"do\":\"viommu\",\"op\":\"enable\"}",
          "{\"do\":\"viommu\",\"op\":\"context\",\"device\":\"x\",\"mode\":\"translate\"}",
          "{\"do\":\"memory-add\",\"id\":\"d\",\"size\":0}",
          "{\"do\":\"snapshot\"},{\"do\":\"boot\"}",
          "{\"do\":\"migrate\",\"capabilities\":[5]}",
          "{\"do\":\"dma-write\",\"device\":\"x\",\"iova\":0,\"length\":1}",
          "{\"do\":\"dma-write\",\"device\":\"x\",\"iova\":0,\"length\":0}",
          "{\"do\":\"dma-write\",\"device\":\"x\",\"iova\":\"0xffffffffffffffff\",\"length\":2}",
          "{\"do\":\"dma-write\",\"device\":\"x\",\"iova\":0}",
          "{\"do\":\"bar\",\"device\":\"x\",\"bar\":0,\"at\":0}",
          "{\"do\":\"bar\",\"device\":\"x\",\"bar\":6,\"at\":null}",
          "{\"do\":\"bar\",\"device\":\"x\",\"bar\":0}",
          "{\"do\":\"sync\",\"device\":\"x\"}"
        }) {
      assertOneLine(
          CommandLineRun.of("run", file("s.jsonl", String.format(scenario, step))), "s.jsonl:1:");
    }
  }

  @Test
  void lineOf200MegabytesIsRefusedWithinMemory() throws Exception {
    Path big = folder.resolve("big.jsonl");
    byte[] block = new byte[1 << 20];
    Arrays.fill(block, (byte) 'x');
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(big))) {
      for (int i = 0; i < 200; i++) {
        out.write(block);
      }
    }
    assertOneLine(CommandLineRun.of("run", big.toString()), "big.jsonl:1:", "too long");
    assertOneLine(
        CommandLineRun.of("check", "--qemu-args", big.toString()), "big.jsonl", "too long");
  }

  @Test
  void filesThatAreMissingFoldersOrBinary() throws Exception {
    assertOneLine(CommandLineRun.of("run", folder.resolve("none").toString()), "no such file");
    assertOneLine(CommandLineRun.of("run", folder.toString()), "folder");
    assertOneLine(CommandLineRun.of("run", file("empty.jsonl", "")), "empty");
    Path binary = folder.resolve("binary");
    Files.write(binary, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    assertOneLine(CommandLineRun.of("run", binary.toString()), "binary:1:", "UTF-8");
    assertOneLine(CommandLineRun.of("check", "--qemu-args", binary.toString()), "binary", "UTF-8");
  }

  @Test
  void usage() throws Exception {
    String args = file("qemu.args", VM);
    assertOneLine(CommandLineRun.of(), "check or run");
    assertOneLine(CommandLineRun.of("fly"), "fly");
    assertOneLine(CommandLineRun.of("check"), "--qemu-args");
    assertOneLine(CommandLineRun.of("check", "--qemu-args", args, "--libvirt", "x"), "--libvirt");
    assertOneLine(CommandLineRun.of("check", "--qemu-args", args, "--format", "xml"), "xml");
    assertOneLine(CommandLineRun.of("check", "--qemu-args", args, "--set", "v1"), "--set");
    assertOneLine(CommandLineRun.of("check", "--qemu-args", args, "--set", "v9.a=b"), "v9", "v1");
    assertOneLine(CommandLineRun.of("check", "--qemu-args", args, "--set", "v1.id=b"), "id");
    assertOneLine(
        CommandLineRun.of("check", "--qemu-args", args, "--tracker", "v1="), "--tracker", "DEVICE");
    assertOneLine(CommandLineRun.of("run", args, "--tracker", "a,b"), "--tracker", "PARAMETER");
    assertOneLine(CommandLineRun.of("check", "--qemu-args", args, "--qemu-version", "7.2"), "8.1");
    assertOneLine(CommandLineRun.of("check", "--qemu-args", args, "--qemu-version", "new"), "new");
  }

  @Test
  void anErrorOfTheJvmIsAnInternalErrorInOneLine() {
    StringWriter err = new StringWriter();
    StringWriter broken =
        new StringWriter() {
          @Override
          public StringWriter append(CharSequence text) {
            throw new AssertionError("two\nlines");
          }
        };
    assertThat(
            StopcopyCommand.run(
                CommandLineRun.watchdog(),
                new VisibleWriter(broken),
                new VisibleWriter(err),
                "plugins"))
        .isEqualTo(3);
    assertThat(err.toString().strip())
        .isEqualTo(
            "stopcopy: internal error, please report it with your input: AssertionError: two"
                + " lines");
  }
}
