package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.C;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.V11;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.container;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.inGroup;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.logging;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.refusing;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.snapshot;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.ObjectConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.migration.MigrationMode;
import io.github.stopcopy.migration.Question.Outcome;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is answered to each question, in the words that a user reads. */
class QuestionAnswersTest {

  private static final HostFacts ANY = HostFacts.CAPABLE;

  private static List<Question> asked(MigrationCheck check) throws InputException {
    return check
        .plugins(plugins())
        .ruleSets(RuleSets.of(List.of()))
        .remedies(false)
        .play()
        .questions();
  }

  private static List<Question> asked(Scenario scenario) throws InputException {
    return asked(MigrationCheck.of(scenario));
  }

  private static List<Question> asked(VmConfig vm, HostFacts host, Step... steps)
      throws InputException {
    return asked(scenario(V10, vm, host, steps));
  }

  /** Each answer to a question with its outcome, such as {@code pass: 1 range}. */
  private static List<String> answers(List<Question> asked, String subject, Topic topic) {
    return asked.stream()
        .filter(one -> one.subject().equals(subject) && one.text().equals(topic.text()))
        .map(one -> one.outcome().word() + ": " + one.answer())
        .toList();
  }

  @Test
  void whatTheVmHas() throws InputException {
    assertThat(answers(asked(q35(intel(), vfio(A)), ANY, migrate()), Question.VM, Topic.STARTS))
        .containsExactly("pass: 1 VFIO device, intel-iommu");
    assertThat(answers(asked(q35().build(), ANY, migrate()), Question.VM, Topic.STARTS))
        .containsExactly("pass: 0 VFIO devices, no vIOMMU");
  }

  @Test
  void R_BLK_31_whetherADeviceIsBehindTheVirtualIommuAndWithWhom() throws InputException {
    assertThat(answers(asked(q35(intel(), vfio(A)), ANY, migrate()), A, Topic.VIOMMU))
        .containsExactly("fail: yes, intel-iommu");
    assertThat(answers(asked(q35(vfio(A)), ANY, migrate()), A, Topic.VIOMMU))
        .containsExactly("pass: no, in a container of its own");
    HostFacts oneGroup = host(Map.of(A, inGroup(7), B, inGroup(7), C, inGroup(7)));
    assertThat(answers(asked(q35(vfio(A), vfio(B), vfio(C)), oneGroup, migrate()), B, Topic.VIOMMU))
        .containsExactly("pass: no, in a container with 2 more");
  }

  @Test
  void whoTracks() throws InputException {
    HostFacts silent = host(Map.of(A, can(P2P, DmaLogging.NONE)));
    assertThat(answers(asked(q35(vfio(A)), silent, migrate()), A, Topic.TRACKER))
        .containsExactly("fail: it cannot log, its container can track");
    assertThat(
            answers(
                asked(q35(vfio(A, "x-device-dirty-page-tracking=off")), ANY, migrate()),
                A,
                Topic.TRACKER))
        .containsExactly("fail: its own log is turned off, its container can track");
  }

  @Test
  void R_BLK_25_howManyKnowP2p() throws InputException {
    HostFacts one = host(Map.of(A, can(P2P), B, can(NO_P2P)));
    assertThat(answers(asked(q35(vfio(A), vfio(B)), one, migrate()), Question.VM, Topic.SEVERAL))
        .containsExactly("fail: 2 devices, 1 of them with P2P");
    assertThat(answers(asked(q35(vfio(A)), one, migrate()), Question.VM, Topic.SEVERAL)).isEmpty();
  }

  /** R-REL-24: blockers do not count in this mode, and several devices are one. */
  @Test
  void R_REL_24_severalDevicesAreNotAskedForInTheModeCprReboot() throws InputException {
    List<Question> asked =
        asked(
            scenario(
                V11,
                q35(vfio(A), vfio(B)),
                host(Map.of(A, can(P2P), B, can(NO_P2P))),
                new Step.Migrate(Set.of(), MigrationMode.CPR_REBOOT, false)));
    assertThat(answers(asked, Question.VM, Topic.SEVERAL))
        .containsExactly("not-asked: what blocks does not count in the mode cpr-reboot");
    assertThat(answers(asked, A, Topic.OWNER))
        .containsExactly("not-asked: what blocks does not count in the mode cpr-reboot");
  }

  @Test
  void howItIsMigrated() throws InputException {
    VmConfig vm = q35(vfio(A));
    assertThat(answers(asked(vm, ANY, migrate()), Question.VM, Topic.HOW))
        .containsExactly("pass: mode normal");
    assertThat(answers(asked(vm, ANY, migrate("multifd", "events")), Question.VM, Topic.HOW))
        .containsExactly("pass: mode normal with events, multifd");
    List<Question> none = asked(vm, ANY, snapshot());
    assertThat(answers(none, Question.VM, Topic.HOW))
        .containsExactly("pass: no migration was asked for");
    assertThat(answers(none, Question.VM, Topic.RANGES))
        .containsExactly("not-asked: no migration was begun");
    assertThat(answers(none, A, Topic.OWNER)).containsExactly("pass: enable-migration=auto");
  }

  @Test
  void R_DT_33_aDeviceThatRefusesToLogEndsIt() throws InputException {
    DmaLogging no = logging(Optional.of(Errno.EINVAL), Optional.empty(), 0);
    List<Question> asked = asked(q35(vfio(A)), host(Map.of(A, can(P2P, no))), migrate());
    assertThat(answers(asked, A, Topic.RANGES))
        .containsExactly("fail: 1 range, refused: Invalid argument");
    assertThat(answers(asked, Question.VM, Topic.PASSES))
        .containsExactly("not-asked: it failed before");
    assertThat(answers(asked, Question.VM, Topic.STATES))
        .containsExactly("not-asked: it failed before");
  }

  @Test
  void R_DT_58_dirtyPagesThatAreNotReadEndIt() throws InputException {
    DmaLogging no = logging(Optional.empty(), Optional.of(Errno.EIO), 0);
    List<Question> asked = asked(q35(vfio(A)), host(Map.of(A, can(P2P, no))), migrate());
    assertThat(answers(asked, A, Topic.RANGES)).containsExactly("pass: 1 range");
    assertThat(answers(asked, Question.VM, Topic.PASSES))
        .containsExactly("fail: dirty pages were collected");
    assertThat(answers(asked, Question.VM, Topic.STATES))
        .containsExactly("not-asked: it failed before");
  }

  @Test
  void R_MIG_43_aStateThatIsRefusedComesLast() throws InputException {
    HostDevice device = refusing(P2P, VfioDeviceState.STOP_COPY);
    List<Question> asked = asked(q35(vfio(A)), host(Map.of(A, device)), migrate());
    assertThat(answers(asked, Question.VM, Topic.PASSES))
        .containsExactly("pass: dirty pages were collected");
    assertThat(answers(asked, Question.VM, Topic.STATES))
        .containsExactly("fail: to STOP_COPY and on");
  }

  @Test
  void whereTheContainerTracksNoDeviceIsAskedForRanges() throws InputException {
    List<Question> asked =
        asked(
            q35(vfio(A, "x-device-dirty-page-tracking=off", "enable-migration=on")),
            ANY,
            migrate());
    assertThat(answers(asked, Question.VM, Topic.RANGES))
        .containsExactly("pass: no device was asked");
    assertThat(answers(asked, A, Topic.RANGES)).isEmpty();
  }

  @Test
  void whatIsAssumedOfADeviceIsNoAnswer() throws InputException {
    HostFacts ofOne = host(Map.of(A, can(P2P, DmaLogging.SUPPORTED)));
    MigrationCheck check = MigrationCheck.of(q35(vfio(A), vfio(B))).host(ofOne).profile(V10);
    List<Question> asked = asked(check);
    assertThat(answers(asked, A, Topic.KNOWN)).containsExactly("pass: yes");
    assertThat(answers(asked, B, Topic.KNOWN)).containsExactly("condition: no, it is assumed");
    assertThat(asked)
        .filteredOn(one -> one.subject().equals(B) && one.outcome() == Outcome.CONDITION)
        .flatExtracting(Question::codes)
        .containsExactly("HOST_ASSUMED");
  }

  /** Another answer decides, and yet nobody knows. */
  @Test
  void whatIsAssumedOfADeviceThatBlocksIsNoneEither() throws InputException {
    MigrationCheck check = MigrationCheck.of(q35(intel(), vfio(A))).profile(V10);
    List<Question> asked = asked(check);
    assertThat(answers(asked, A, Topic.VIOMMU)).containsExactly("fail: yes, intel-iommu");
    assertThat(asked)
        .filteredOn(one -> one.subject().equals(A) && one.text().equals(Topic.KNOWN.text()))
        .singleElement()
        .isEqualTo(
            new Question(A, Topic.KNOWN.text(), Outcome.CONDITION, "no, it is assumed", List.of()));
  }

  /** It is asked whether it leaves, and nothing else (R-OBS-115). */
  @Test
  void R_OBS_115_aFailoverPrimaryIsNotAsked() throws InputException {
    VmConfig vm =
        q35(
            device("virtio-net-pci", "nic", "failover=on", "mac=52:54:00:00:00:01"),
            device("pcie-root-port", "rp1", "addr=1c.0"),
            vfio(A, "failover_pair_id=nic", "bus=rp1"),
            vfio(B));
    List<Question> asked = asked(vm, ANY, migrate());
    assertThat(answers(asked, A, Topic.FAILOVER)).hasSize(1).allMatch(a -> a.contains("with nic"));
    assertThat(answers(asked, A, Topic.OWNER)).isEmpty();
    assertThat(answers(asked, B, Topic.OWNER)).containsExactly("pass: enable-migration=auto");
    assertThat(answers(asked, B, Topic.FAILOVER)).isEmpty();
    List<Question> before = asked(vm, ANY, new Step.AcceptStandby(), snapshot());
    assertThat(answers(before, A, Topic.FAILOVER)).as("it is there yet").hasSize(1);
    assertThat(answers(before, A, Topic.OWNER)).isEmpty();
  }

  @Test
  void theDescriptionIsAskedForOnlyWhereItLeavesSomethingOpen() throws InputException {
    MigrationCheck open =
        MigrationCheck.of(q35(vfio(A)))
            .host(host(Map.of(A, can(P2P))))
            .profile(V10)
            .mayAlsoBe(q35(intel(), vfio(A)), "a vIOMMU");
    assertThat(answers(asked(open), Question.VM, Topic.DESCRIBED))
        .containsExactly("condition: its description leaves it open");
    assertThat(answers(asked(q35(vfio(A)), ANY, migrate()), Question.VM, Topic.DESCRIBED))
        .isEmpty();
  }

  @Test
  void R_BLK_21_whatTheKernelAnswersIsToldAsItSaysIt() throws InputException {
    HostFacts refusing = host(Map.of(A, can(HostDevice.MigrationSupport.failing(Errno.ENOTTY))));
    assertThat(answers(asked(q35(vfio(A)), refusing, migrate()), A, Topic.KERNEL))
        .containsExactly("fail: the kernel answers: " + Errno.ENOTTY.text());
  }

  @Test
  void R_BLK_50_hardwareMayTrack() throws InputException {
    HostFacts tracking =
        host(
            container(false, Optional.empty(), Optional.empty(), true),
            Map.of(A, can(P2P, DmaLogging.NONE)));
    VmConfig vm =
        q35()
            .object(new ObjectConfig("iommufd", "fd0", Map.of()))
            .devices(List.of(vfio(A, "iommufd=fd0")))
            .build();
    assertThat(answers(asked(vm, tracking, migrate()), A, Topic.TRACKER))
        .containsExactly("pass: hardware of the host's IOMMU");
  }

  /** What only holds with a condition is no block: the next question is asked. */
  @Test
  void aConditionDoesNotEndTheQuestionsToADevice() throws InputException {
    HostFacts nobody = host(container(false, Optional.empty(), Optional.empty(), false), Map.of());
    List<Question> asked =
        asked(
            q35(vfio(A, "x-device-dirty-page-tracking=off", "enable-migration=on")),
            nobody,
            migrate());
    assertThat(answers(asked, A, Topic.TRACKER))
        .containsExactly("condition: its own log is turned off, nor can others");
    assertThat(answers(asked, A, Topic.VIOMMU))
        .containsExactly("pass: no, in a container of its own");
  }

  /** A device of an iommufd shares no page tables with those of a type1 container. */
  @Test
  void R_OBS_7_whoSharesWithADeviceIsToldOfItsOwnContainer() throws InputException {
    VmConfig vm =
        q35()
            .object(new ObjectConfig("iommufd", "fd0", Map.of()))
            .devices(List.of(vfio(A), vfio(B), vfio(C, "iommufd=fd0")))
            .build();
    List<Question> asked = asked(vm, ANY, migrate());
    assertThat(answers(asked, A, Topic.VIOMMU))
        .containsExactly("pass: no, in a container with 1 more");
    assertThat(answers(asked, C, Topic.VIOMMU))
        .containsExactly("pass: no, in a container of its own");
  }
}
