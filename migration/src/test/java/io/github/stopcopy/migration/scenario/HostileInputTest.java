package io.github.stopcopy.migration.scenario;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.guest;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.pages;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.migration.TestVm;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever is asked, the player answers or says what is wrong; nothing else escapes. */
class HostileInputTest {

  @ParameterizedTest
  @EnumSource(ViommuOperation.class)
  void aVIommuStepWithoutAVIommuIsBadInput(ViommuOperation operation) {
    Step step =
        new Step.Viommu(
            operation,
            Optional.of("v1"),
            Optional.of(ContextMode.TRANSLATE),
            OptionalInt.empty(),
            OptionalInt.of(1),
            0,
            0,
            1);

    assertThatThrownBy(() -> play(SEED, q35(vfio(A)), step))
        .isInstanceOf(InputException.class)
        .hasMessage("step 2: the VM has no vIOMMU");
  }

  @Test
  void aVIommuStepNeedsADeviceAndAContextAMode() {
    assertThatThrownBy(
            () -> play(SEED, q35(intel(), vfio(A)), pages(ViommuOperation.MAP, "v9", 0, 0, 1)))
        .isInstanceOf(InputException.class)
        .hasMessage("step 2: device 'v9' is no VFIO device of this VM");
    Step context =
        new Step.Viommu(
            ViommuOperation.CONTEXT,
            Optional.of("v1"),
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.of(1),
            0,
            0,
            1);
    assertThatThrownBy(() -> play(SEED, q35(intel(), vfio(A)), context))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "step 2: viommu context without mode, expected translate, passthrough or absent");
  }

  @ParameterizedTest
  @CsvSource({"0, 0, -1", "0, 0, 2147483647", "1, 0, 1", "-4096, 0, 1", "0, -4096, 1"})
  void pagesThatNoTableHoldsAreBadInput(long iova, long address, int count) {
    assertThatThrownBy(() ->
            play(
                SEED,
                q35(intel(), vfio(A)),
                pages(ViommuOperation.MAP, "v1", iova, address, count)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("step 2: ");
  }

  @Test
  void aSecondBootIsBadInput() {
    assertThatThrownBy(() -> play(SEED, q35(vfio(A)), TestVm.snapshot(), new Step.Boot()))
        .isInstanceOf(InputException.class)
        .hasMessage("step 3: boot, expected only as the first step");
  }

  @Test
  void unknownDevicesAreKeptAndNeverCalledInvalid() throws Exception {
    Story story =
        play(
            SEED,
            q35(
                device("some-nic", "n1", "addr=99.9", "speed=fast"),
                device("usb-tablet", "", "bus=usb.0"),
                vfio(A)));

    assertThat(story.vm().exitCode()).isEmpty();
    assertThat(story.scenario().vm().devices()).hasSize(3);
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void aHostThatCanDoNothingIsPlayedToo(QemuProfile profile) {
    HostContainer nothing =
        new HostContainer(
            false,
            0,
            0,
            0,
            0,
            false,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    HostFacts host = host(nothing, Map.of());

    assertThatCode(() -> play(profile, q35(vfio(A), vfio(B)), host, TestVm.migrate()))
        .doesNotThrowAnyException();
  }

  /** Random steps in random order, with a fixed seed each; only bad input may be thrown. */
  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void anyOrderOfStepsIsPlayedOrIsBadInput(QemuProfile profile) {
    boolean option = profile == SEED;
    String[] settings = option ? new String[] {"x-migration-iommu-pt=on"} : new String[0];
    List<Step> choices =
        List.of(
            TestVm.snapshot(),
            TestVm.migrate(),
            TestVm.hold(),
            TestVm.hold(),
            TestVm.finish(),
            TestVm.cancel(),
            TestVm.add(vfio(B, settings)),
            TestVm.del("v1"),
            TestVm.del("v2"),
            TestVm.del("nobody"),
            new Step.DeviceDel("v1", false),
            guest(ViommuOperation.ENABLE),
            guest(ViommuOperation.DISABLE),
            guest(ViommuOperation.INVALIDATE),
            TestVm.context("v1", ContextMode.TRANSLATE),
            TestVm.context("v1", ContextMode.PASSTHROUGH),
            pages(ViommuOperation.MAP, "v1", 0, 0x1000, 4),
            pages(ViommuOperation.UNMAP, "v1", 0, 0, 4),
            new Step.MemoryAdd("d1", 1L << 30, Optional.empty()));
    int answered = 0;
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      List<Step> steps = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        steps.add(choices.get(random.nextInt(choices.size())));
      }
      VmConfig vm = random.nextBoolean() ? q35(intel(), vfio(A, settings)) : q35(vfio(A, settings));
      try {
        Story story = play(profile, vm, steps.toArray(Step[]::new));
        assertThat(story.answers()).isNotEmpty();
        answered++;
      } catch (InputException expected) {
        assertThat(expected.getMessage()).isNotBlank();
      }
    }
    assertThat(answered).isPositive();
  }

  @Test
  void thePlayerKeepsNothingBetweenScenarios() throws Exception {
    Scenario scenario =
        TestVm.scenario(
            SEED,
            q35(intel(), vfio(A, "x-migration-iommu-pt=on")),
            HostFacts.CAPABLE,
            TestVm.hold(),
            guest(ViommuOperation.ENABLE));

    assertThat(play(scenario).answers().get(2).errors())
        .isEqualTo(play(scenario).answers().get(2).errors());
    assertThat(play(scenario).answers())
        .extracting("query")
        .isEqualTo(play(scenario).answers().stream().map(StepAnswer::query).toList());
  }
}
