package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.cli.input.Scenarios;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Played;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.scenario.StepAnswer;
import io.github.stopcopy.vfiopci.VfioPolicy;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Each switch of the policy, beside what QEMU does (open questions ).
 */
class VfioPolicyTest {

  private static final String VIOMMU = "\"-device\",\"intel-iommu,intremap=on,caching-mode=on\",";
  private static final String CONTEXT =
      "{\"do\":\"viommu\",\"op\":\"context\",\"device\":\"%s\",\"mode\":\"%s\",\"aw\":39}";

  private static VfioPolicy only(int index) {
    boolean[] on = new boolean[7];
    on[index] = true;
    return new VfioPolicy(on[0], on[1], on[2], on[3], on[4], on[5], on[6]);
  }

  private static String device(int number, String more) {
    return "\"-device\",\"vfio-pci,host=0"
        + number
        + ":00.0,id=v"
        + number
        + ",addr=0"
        + (4 + number)
        + ".0"
        + more
        + "\",";
  }

  private static String scenario(String devices, String host, String... steps) {
    return "{\"id\":\"x\",\"profile\":\"8.1-iommu-pt\",\"argv\":["
        + "\"-machine\",\"q35,kernel-irqchip=split\",\"-accel\",\"kvm\","
        + devices
        + "\"-m\",\"6G\"],\"host\":"
        + host
        + ",\"steps\":["
        + String.join(",", steps)
        + "]}";
  }

  private static Played story(String scenario, VfioPolicy policy) throws InputException {
    return MigrationCheck.of(Scenarios.read("scenario", 1, scenario).scenario())
        .policy(policy)
        .remedies(false)
        .play();
  }

  private static Verdict play(String scenario, VfioPolicy policy) throws InputException {
    return story(scenario, policy).verdict();
  }

  private static StepAnswer last(Verdict verdict) {
    List<StepAnswer> answers = verdict.steps();
    return answers.get(answers.size() - 1);
  }

  @Test
  void Q_2_midwayFailureIsSilentInQemuAndExplainedOnRequest() throws InputException {
    String midway =
        scenario(
            VIOMMU + device(1, ",x-migration-iommu-pt=on"),
            "{}",
            String.format(CONTEXT, "v1", "translate"),
            "{\"do\":\"migrate\",\"hold\":true}",
            "{\"do\":\"viommu\",\"op\":\"enable\"}",
            "{\"do\":\"finish-migration\"}");

    assertThat(last(play(midway, VfioPolicy.EXACT)).query().orElseThrow().errorDescription())
        .isEmpty();
    Verdict explained = play(midway, only(0));
    assertThat(explained.kind()).isEqualTo(VerdictKind.FAILED);
    assertThat(last(explained).query().orElseThrow().errorDescription())
        .contains(
            "0000:01:00.0: the guest uses the vIOMMU for DMA, section [0x0,0xfedfffff] is"
                + " translated");
  }

  @Test
  void Q_4_warningWithoutAnyVirtualIommuIsPrintedByQemuOnly() throws InputException {
    String plain = scenario(device(1, ",x-migration-iommu-pt=on"), "{}", "{\"do\":\"migrate\"}");

    assertThat(play(plain, VfioPolicy.EXACT).steps().get(0).warnings()).hasSize(1);
    assertThat(play(plain, only(1)).steps().get(0).warnings()).isEmpty();
    String behind =
        scenario(VIOMMU + device(1, ",x-migration-iommu-pt=on"), "{}", "{\"do\":\"migrate\"}");
    assertThat(play(behind, only(1)).steps().get(0).warnings()).hasSize(1);
  }

  @Test
  void Q_5_deviceInFrontOfTheVirtualIommuNeedsNoOptionOnRequest() throws InputException {
    String mixed =
        scenario(
            device(1, "") + VIOMMU + device(2, ",x-migration-iommu-pt=on"),
            "{}",
            "{\"do\":\"migrate\"}");

    assertThat(play(mixed, VfioPolicy.EXACT).kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(play(mixed, only(2)).kind()).isEqualTo(VerdictKind.CONDITIONAL);
  }

  @Test
  void Q_7_withoutDevicesTheOptionCountsAsSetInQemuOnly() throws InputException {
    String none = scenario(VIOMMU, "{}", "{\"do\":\"snapshot\"}");

    assertThat(story(none, VfioPolicy.EXACT).story().vm().view().allIommuPassthrough()).isTrue();
    assertThat(story(none, only(3)).story().vm().view().allIommuPassthrough()).isFalse();
  }

  @Test
  void Q_14_allContainersAreCheckedBeforeAnyDeviceStartsOnRequest() throws InputException {
    String second =
        scenario(
            VIOMMU + device(1, ",x-migration-iommu-pt=on") + device(2, ",x-migration-iommu-pt=on"),
            "{}",
            String.format(CONTEXT, "v1", "passthrough"),
            String.format(CONTEXT, "v2", "translate"),
            "{\"do\":\"viommu\",\"op\":\"enable\"}",
            "{\"do\":\"migrate\"}");

    Verdict exact = play(second, VfioPolicy.EXACT);
    assertThat(last(exact).dmaLoggingStart())
        .extracting(VfioEvent.DmaLoggingStart::device)
        .containsExactly("0000:01:00.0");
    Verdict checked = play(second, only(4));
    assertThat(checked.kind()).isEqualTo(VerdictKind.FAILED);
    assertThat(last(checked).dmaLoggingStart()).isEmpty();
  }

  @Test
  void Q_19_romIsNotTrackedOnRequest() throws InputException {
    String plain = scenario(device(1, ""), "{}", "{\"do\":\"migrate\"}");

    assertThat(play(plain, VfioPolicy.EXACT).tracking().get(0).ranges().get(0).last())
        .isEqualTo(0xffffffffL);
    assertThat(play(plain, only(5)).tracking().get(0).ranges().get(0).last())
        .isEqualTo(0x7fffffffL);
  }

  @Test
  void Q_19_rangesThatOverlapAreJoinedOnRequest() throws InputException {
    String mtree =
        "FlatView #0\\n"
            + " AS \\\"memory\\\", root: system\\n"
            + " Root memory region: system\\n"
            + "  0000000000000000-000000007fffffff (prio 0, ram): pc.ram\\n"
            + "  0000000100000000-00000001ffffffff (prio 0, ram): pc.ram @0000000080000000\\n"
            + "  0000000200000000-00000003ffffffff (prio 0, ramd): 0000:01:00.0 BAR 0 mmaps[0]\\n"
            + "  0000000400000000-00000005ffffffff (prio 0, ramd): 0000:02:00.0 BAR 0"
            + " mmaps[0]\\n\\n";
    String overlapping =
        scenario(
                device(1, "") + device(2, ""),
                "{\"containers\":{\"shared\":false}}",
                "{\"do\":\"migrate\"}")
            .replace("\"id\":\"x\"", "\"id\":\"x\",\"mtree\":\"" + mtree + "\"");

    assertThat(play(overlapping, VfioPolicy.EXACT).kind()).isEqualTo(VerdictKind.FAILED);
    Verdict joined = play(overlapping, only(5));
    assertThat(joined.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(joined.tracking().get(0).ranges()).hasSize(2);
  }

  @Test
  void everythingImprovedIsAllSwitches() {
    assertThat(VfioPolicy.IMPROVED)
        .isEqualTo(new VfioPolicy(true, true, true, true, true, true, true));
    assertThat(VfioPolicy.EXACT)
        .isEqualTo(new VfioPolicy(false, false, false, false, false, false, false));
  }
}
