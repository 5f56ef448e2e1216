package io.github.stopcopy.standin;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.live.qmp.QmpValue;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Recorded raw events, and the answer that they become. */
class StepRecordTest {

  private static final String START =
      "{\"t\":17.01,\"ev\":\"dma_logging_start\",\"dev\":\"0000:01:00.0\",\"page_size\":4096,"
          + "\"num_ranges\":1,\"ranges\":[{\"iova\":\"0x0\",\"length\":\"0x100000000\"}],\"errno\":0}";
  private static final String STATE =
      "{\"t\":17.02,\"ev\":\"mig_state\",\"dev\":\"0000:01:00.0\",\"from\":\"RUNNING\","
          + "\"to\":\"STOP\",\"data_fd\":false,\"errno\":5}";
  private static final String GET =
      "{\"t\":17.03,\"ev\":\"container_dirty\",\"container\":2,\"op\":\"get\",\"iova\":\"0x0\","
          + "\"size\":\"0x1000\",\"errno\":0}";
  private static final String TRACK = GET.replace("\"get\"", "\"start\"");

  private static QmpValue answer(String step, List<String> events, List<String> traces)
      throws Exception {
    StepRecord record = new StepRecord(step);
    record.add(List.of(), new StandinEvents().read(events), traces);
    return record.answer(List.of(), "/tmp/run");
  }

  @Test
  void R_DT_40_aStartOfLoggingHasItsRangesAndItsErrno() throws Exception {
    assertThat(answer("migrate", List.of(START), List.of()))
        .isEqualTo(
            QmpValue.parse(
                "{\"do\":\"migrate\",\"dma-logging-start\":[{\"device\":\"0000:01:00.0\","
                    + "\"page-size\":4096,\"ranges\":[{\"iova\":\"0x0\",\"length\":\"0x100000000\"}],"
                    + "\"errno\":0}]}"));
  }

  @Test
  void statesAreToldAlsoRefusedOnesButNotAtBoot() throws Exception {
    assertThat(answer("migrate", List.of(STATE), List.of()))
        .isEqualTo(
            QmpValue.parse(
                "{\"do\":\"migrate\",\"device-states\":[{\"device\":\"0000:01:00.0\","
                    + "\"from\":\"RUNNING\",\"to\":\"STOP\",\"errno\":5}]}"));
    assertThat(answer("boot", List.of(STATE), List.of()))
        .isEqualTo(QmpValue.parse("{\"do\":\"boot\"}"));
  }

  @Test
  void containersAreSwitchedAndTheirBitmapsNotTold() throws Exception {
    assertThat(answer("migrate", List.of(TRACK, GET, GET), List.of()).list("container-dirty"))
        .containsExactly(QmpValue.of("start"));
  }

  @Test
  void R_LST_20_translatedSectionsAreReadFromTheTrace() throws Exception {
    assertThat(
            answer(
                    "viommu",
                    List.of(),
                    List.of(
                        "vfio_listener_region_add_ram region_add [ram] 0x0 - 0xbffff"
                            + " [0x7f0000000000]",
                        "123@17.5:vfio_listener_region_add_iommu region_add [iommu] vtd-05.0-dmar"
                            + " 0x0 - 0xfedfffff"))
                .list("iommu-sections"))
        .containsExactly(QmpValue.parse("[\"0x0\",\"0xfedfffff\"]"));
  }

  @Test
  void aSectionOverWhichQemuEndsWasNotAdded() throws Exception {
    StepRecord record = new StepRecord("boot");
    record.add(
        List.of(),
        List.of(),
        List.of("vfio_listener_region_add_iommu region_add [iommu] amd_iommu 0x0 - 0xfedfffff"));
    assertThat(record.answer(List.of(), "/tmp/run").list("iommu-sections")).hasSize(1);
    record.exitCode(1);
    assertThat(record.answer(List.of(), "/tmp/run"))
        .isEqualTo(QmpValue.parse("{\"do\":\"boot\",\"exit-code\":1}"));
  }

  @Test
  void whatQueryMigrateSaysIsPartOfIt() throws Exception {
    StepRecord record = new StepRecord("migrate");
    record.commandError(Optional.of("no"));
    record.query(QmpValue.parse("{\"blocked-reasons\":[\"no\"]}"));
    record.dmaMap(QmpValue.parse("{\"2\":[]}"));
    assertThat(record.answer(List.of(), "/tmp/run"))
        .isEqualTo(
            QmpValue.parse(
                "{\"do\":\"migrate\",\"command-error\":\"no\",\"status\":\"none\","
                    + "\"blocked-reasons\":[\"no\"],\"dma-map\":{\"2\":[]}}"));
    assertThat(record.isRefused()).isTrue();
  }

  @Test
  void mappingsAreWhatIsLeftOfMapsAndUnmaps() throws Exception {
    StandinEvents events = new StandinEvents();
    events.read(
        List.of(
            "{\"ev\":\"open_container\",\"container\":2}",
            map("0x0", "0x1000", 3, 0),
            map("0x1000", "0x1000", 1, 0),
            map("0x2000", "0x1000", 3, 28),
            map("0x4000", "0x2000", 3, 0),
            "{\"ev\":\"unmap_dma\",\"container\":2,\"iova\":\"0x4000\",\"size\":\"0x2000\","
                + "\"flags\":0,\"unmapped\":\"0x2000\",\"errno\":0}"));
    assertThat(events.dmaMap())
        .isEqualTo(
            QmpValue.parse("{\"2\":[[\"0x0\",\"0x1000\",\"rw\"],[\"0x1000\",\"0x1000\",\"ro\"]]}"));
    events.read(
        List.of(
            "{\"ev\":\"unmap_dma\",\"container\":2,\"iova\":\"0x0\",\"size\":\"0x0\",\"flags\":2,"
                + "\"unmapped\":\"0x2000\",\"errno\":0}"));
    assertThat(events.dmaMap()).isEqualTo(QmpValue.parse("{\"2\":[]}"));
    events.read(List.of("{\"ev\":\"close_container\",\"container\":2,\"left_mapped\":0}"));
    assertThat(events.dmaMap()).isEqualTo(QmpValue.parse("{}"));
  }

  private static String map(String iova, String size, int flags, int errno) {
    return "{\"ev\":\"map_dma\",\"container\":2,\"iova\":\""
        + iova
        + "\",\"size\":\""
        + size
        + "\",\"flags\":"
        + flags
        + ",\"errno\":"
        + errno
        + "}";
  }
}
