package io.github.stopcopy.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.Bar;
import io.github.stopcopy.core.host.HostDevice.BarKind;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostDevice.Fact;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostDevice.Msix;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.json.HostDocument.Note;
import io.github.stopcopy.json.HostDocument.Origin;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Facts come from JSON as they are written, and nothing is guessed. */
class HostJsonTest {

  private static HostFacts read(String text) throws InputException {
    return HostJson.read("host.json", text.replace('\'', '"'));
  }

  private static HostDevice device(String text) throws InputException {
    return read("{'devices':{'d':" + text + "}}").device("d");
  }

  @Test
  void whatIsLeftOutIsCapable() throws Exception {
    assertThat(read("{}")).isEqualTo(HostFacts.CAPABLE);
    assertThat(device("{}")).isEqualTo(HostDevice.CAPABLE);
    assertThat(read("{'containers':{}}").container()).isEqualTo(HostContainer.CAPABLE);
  }

  /** A decision tells what was said from what is a default, whatever the value. */
  @Test
  void whichFactsWereGivenIsKnown() throws Exception {
    assertThat(device("{'driver':'mlx5_vfio_pci','dma-buf':false}").given()).isEmpty();
    assertThat(device("{'migration':['stop-copy','p2p']}").given()).containsExactly(Fact.MIGRATION);
    assertThat(device("{'dma-logging':true}").given()).containsExactly(Fact.DMA_LOGGING);
    assertThat(device("{'dma-logging-max-ranges':0}").given()).containsExactly(Fact.DMA_LOGGING);
    assertThat(device("{'group':1,'bars':{'0':{'size':4096}}}").given())
        .containsExactly(Fact.GROUP, Fact.BARS);
  }

  @Test
  void everyFactArrives() throws Exception {
    assertThat(
            read(
                "{'page-size':65536,'accel':'tcg','cpu-vendor':'V','cpu-phys-bits':'46',"
                    + "'kernel':'6.12','containers':{'dirty-tracking':false,'page-sizes':'0x3000',"
                    + "'dirty-page-sizes':8192,'max-dirty-bitmap-size':7,'dma-available':'5',"
                    + "'shared':false,'iova-ranges':[['0x0','0xfff'],[8192,8192]],"
                    + "'dirty-start-errno':5,'dirty-get-errno':22,'iommu-dirty-tracking':true}}"))
        .isEqualTo(
            HostFacts.builder()
                .pageSize(65536)
                .accelerator(Accelerator.TCG)
                .cpuVendor("V")
                .cpuPhysBits(46)
                .kernel("6.12")
                .container(
                    HostContainer.builder()
                        .dirtyTracking(false)
                        .pageSizes(0x3000)
                        .dirtyPageSizes(8192)
                        .maxDirtyBitmapSize(7)
                        .dmaAvailable(5)
                        .shared(false)
                        .iovaRanges(
                            List.of(new AddressRange(0, 0xfff), new AddressRange(8192, 8192)))
                        .dirtyStartError(Errno.EIO)
                        .dirtyGetError(Errno.EINVAL)
                        .iommuDirtyTracking(true)
                        .build())
                .build());
  }

  @Test
  void everyFactOfADeviceArrives() throws Exception {
    assertThat(
            device(
                "{'group':3,'driver':'mlx5_vfio_pci','migration':['pre-copy','stop-copy'],"
                    + "'dma-logging':false,'dma-logging-start-errno':5,'dma-logging-stop-errno':22,"
                    + "'dma-logging-report-errno':12,'dma-logging-max-ranges':2,"
                    + "'dma-logging-max-length':'1G','dma-logging-limit-errno':7,'dma-buf':false,"
                    + "'set-state-errno':{'PRE_COPY':5,'STOP':0},"
                    + "'bars':{'2':{'size':'0x4000','kind':'mem32','prefetchable':true,"
                    + "'mmap':false}},'msix':{'vectors':4,'bar':2,'offset':'0x2000'}}"))
        .isEqualTo(
            HostDevice.builder()
                .group(3)
                .driver("mlx5_vfio_pci")
                .migration(MigrationSupport.of(true, false, true))
                .dmaLogging(
                    new DmaLogging(
                        false,
                        Optional.of(Errno.EIO),
                        Optional.of(Errno.EINVAL),
                        Optional.of(Errno.ENOMEM),
                        2,
                        1L << 30,
                        Errno.E2BIG))
                .dmaBuf(false)
                .setStateError(VfioDeviceState.PRE_COPY, Errno.EIO)
                .bar(2, new Bar(0x4000, BarKind.MEM32, true, false))
                .msix(new Msix(4, 2, 0x2000))
                .build());
  }

  @Test
  void migrationThatTheKernelRefusesIsNullOrAnError() throws Exception {
    assertThat(device("{'migration':null}").migration())
        .isEqualTo(MigrationSupport.failing(Errno.ENOTTY));
    assertThat(device("{'migration':{'errno':22}}").migration())
        .isEqualTo(MigrationSupport.failing(Errno.EINVAL));
  }

  @ParameterizedTest
  @CsvSource({
    "4096, 4096",
    "'\"4096\"', 4096",
    "'\"0x1000\"', 4096",
    "'\"4K\"', 4096",
    "'\"4k\"', 4096",
    "'\"1.5G\"', 1610612736",
    "'\"0xB\"', 11",
    "18446744073709551615, -1",
    "'\"0xffffffffffffffff\"', -1"
  })
  void sizesAreNumbersOrAsQemuWritesThem(String written, long bytes) throws Exception {
    assertThat(read("{'containers':{'max-dirty-bitmap-size':" + written + "}}").container())
        .extracting(HostContainer::maxDirtyBitmapSize)
        .isEqualTo(bytes);
  }

  @Test
  void aUnitIsRefusedWhereNoSizeIsMeant() {
    assertThatThrownBy(() -> read("{'containers':{'dma-available':'4K'}}"))
        .hasMessage(
            "host.json:1: key 'containers.dma-available': '4K' is not a number, expected 0 to"
                + " 2^64-1");
  }

  @Test
  void notesObservationsAndOriginsAreNotRead() throws Exception {
    assertThat(
            read(
                "{'note':{'a':[1]},'observed':null,'origin':7,'containers':{'note':1},"
                    + "'devices':{'origin':'sysfs','d':{'origin':{'migration':'debugfs'},"
                    + "'bars':{'note':[]},'set-state-errno':{'note':1}}}}"))
        .isEqualTo(HostFacts.builder().device("d", HostDevice.CAPABLE).build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'page-sise':1} | 1: unknown key 'page-sise', expected one of accel, containers, ",
        "{\\n\\n'accel':'xen'} | 3: key 'accel' is \"xen\", expected kvm or tcg",
        "{'devices':{'d':{'x':1}}} | 1: unknown key 'devices.d.x', expected one of bars, ",
        "{'devices':{'d':{'bars':{'6':{}}}}} | 1: unknown key 'devices.d.bars.6', expected a BAR",
        "{'devices':{'d':{'bars':{'0':{}}}}} | 1: key 'devices.d.bars.0.size' is missing, expected",
        "{'devices':{'d':{'migration':['p2p','fly']}}} | 1: key 'devices.d.migration[1]' is",
        "{'containers':{'iova-ranges':[[0,1],[2]]}} | 1: key 'containers.iova-ranges[1]' has 1",
        "{'containers':{'iova-ranges':[[0,1,{}]]}} | 1: key 'containers.iova-ranges[0][2]' is one",
        "{'containers':{'iova-ranges':[[5,3]]}} | 1: key 'containers.iova-ranges[0]' is [0x5, 0x3]",
        "{'containers':[1,{'a':2}]} | 1: key 'containers' is [1,{\"a\":2}], expected an object",
        "{'page-size':1,'page-size':2} | 1: no valid JSON at column ",
        "{'page-size':4096,'accel':'xen',} | 1: no valid JSON at column ",
        "{}{} | 1: Trailing token",
        "[] | 1: the JSON is [], expected an object"
      })
  void errorsNameTheLineTheKeyAndWhatWasExpected(String text, String message) {
    assertThatThrownBy(() -> read(text.replace("\\n", "\n")))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("host.json:" + message);
  }

  @Test
  void whatIsNestedTooDeepIsRefusedAlsoWhereItIsNotRead() {
    String deep = "[".repeat(40) + "]".repeat(40);
    assertThatThrownBy(() -> read("{'note':" + deep + "}"))
        .hasMessageContaining("no valid JSON")
        .hasMessageContaining("depth");
  }

  @Test
  void aLongWrongValueIsShownShortened() {
    assertThatThrownBy(() -> read("{'accel':['" + "x".repeat(1000) + "']}"))
        .satisfies(wrong -> assertThat(wrong.getMessage()).hasSizeLessThan(150).contains("..."));
  }

  /** What a program filled in from a table or a default was told by nobody. */
  @Test
  void aFactThatIsMarkedAsAssumedIsReadAndNotGiven() throws Exception {
    String facts = "'migration':['stop-copy'],'dma-logging':false,'group':1";
    HostDevice table =
        device("{" + facts + ",'origin':{'migration':'driver table','dma-logging':'default'}}");

    assertThat(table.migration()).isEqualTo(MigrationSupport.of(true, false, false));
    assertThat(table.dmaLogging().supported()).isFalse();
    assertThat(table.given()).containsExactly(Fact.GROUP);
    assertThat(device("{'origin':{'migration':'driver table'}," + facts + "}").given())
        .containsExactlyInAnyOrder(Fact.GROUP, Fact.DMA_LOGGING);
    assertThat(device("{" + facts + ",'origin':{'migration':'debugfs'}}").given())
        .contains(Fact.MIGRATION);
    assertThat(device("{" + facts + ",'origin':['driver table',{'a':1}]}").given())
        .contains(Fact.MIGRATION);
    assertThat(
            device(
                    "{'dma-logging':true,'dma-logging-max-ranges':1,"
                        + "'origin':{'dma-logging':'driver table'}}")
                .given())
        .as("a detail that somebody gave")
        .containsExactly(Fact.DMA_LOGGING);
  }

  @Test
  void whereEachFactComesFromIsKept() throws Exception {
    String text =
        "{'kernel':'6.1','origin':{'kernel':'procfs'},'containers':{'shared':true},"
            + "'devices':{'d':{'group':1,'driver':'x','origin':{'group':'sysfs','other':'y'}}}}";
    assertThat(HostJson.readDocument("host.json", text.replace('\'', '"')).origins())
        .containsExactlyInAnyOrder(
            new Origin(HostDocument.HOST, "kernel", "procfs"),
            new Origin(HostDocument.CONTAINERS, "shared", HostDocument.USER),
            new Origin("d", "group", "sysfs"),
            new Origin("d", "driver", HostDocument.USER));
  }

  private static final String EVERYTHING =
      "{'page-size':65536,'accel':'tcg','cpu-vendor':'V','cpu-phys-bits':46,'kernel':'6.12',"
          + "'containers':{'dirty-tracking':false,'page-sizes':'0x3000','dirty-page-sizes':8192,"
          + "'max-dirty-bitmap-size':7,'dma-available':18446744073709551615,'shared':false,"
          + "'iova-ranges':[[0,4095],[8192,18446744073709551615]],'dirty-start-errno':5,"
          + "'dirty-get-errno':22,'iommu-dirty-tracking':true},"
          + "'devices':{'d':{'group':3,'driver':'mlx5_vfio_pci','pci-id':'15b3:101e',"
          + "'migration':['pre-copy'],'dma-logging':false,'dma-logging-start-errno':5,"
          + "'dma-logging-stop-errno':22,'dma-logging-report-errno':12,'dma-logging-max-ranges':2,"
          + "'dma-logging-max-length':'1G','dma-logging-limit-errno':7,'dma-buf':false,"
          + "'set-state-errno':{'PRE_COPY':5},'bars':{'2':{'size':'0x4000','kind':'mem32',"
          + "'prefetchable':true,'mmap':false}},'msix':{'vectors':4,'bar':2,'offset':'0x2000'}},"
          + "'e':{'migration':null},'f':{'migration':{'errno':22}},'g':{}}}";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        EVERYTHING,
        "{'page-size':4096,'containers':{'shared':true,'iova-ranges':[]}}",
        "{'devices':{'d':{'migration':['stop-copy','p2p'],'dma-logging':true}}}",
        "{'devices':{'d':{'migration':['stop-copy'],'dma-logging':false,"
            + "'origin':{'migration':'driver table','dma-logging':'default'}}}}"
      })
  void whatIsWrittenIsReadBack(String text) throws Exception {
    HostDocument document = HostJson.readDocument("host.json", text.replace('\'', '"'));
    String written = HostJson.write(document);
    assertThat(HostJson.read("written", written)).isEqualTo(document.facts());
    assertThat(HostJson.write(HostJson.readDocument("written", written))).isEqualTo(written);

    HostDocument bare = new HostDocument(document.facts(), List.of(), List.of());
    assertThat(HostJson.read("bare", HostJson.write(bare))).isEqualTo(document.facts());
  }

  @Test
  void notesAndOriginsStandBesideTheFacts() throws Exception {
    HostDevice device = HostDevice.builder().group(7).build();
    HostDocument document =
        new HostDocument(
            HostFacts.builder().kernel("6.12").device("0000:01:00.0", device).build(),
            List.of(
                new Origin(HostDocument.HOST, "kernel", "procfs"),
                new Origin("0000:01:00.0", "group", "sysfs")),
            List.of(new Note("0000:01:00.0", "Somebody \"else\" uses it.")));
    assertThat(HostJson.write(document))
        .isEqualTo(
            """
            {
              "kernel": "6.12",
              "containers": {},
              "devices": {
                "0000:01:00.0": {
                  "group": 7,
                  "note": ["Somebody \\"else\\" uses it."],
                  "origin": {
                    "group": "sysfs"
                  }
                }
              },
              "origin": {
                "kernel": "procfs"
              }
            }\
            """);
  }
}
