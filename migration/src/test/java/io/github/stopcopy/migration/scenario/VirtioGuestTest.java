package io.github.stopcopy.migration.scenario;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.domain;
import static io.github.stopcopy.migration.TestVm.finish;
import static io.github.stopcopy.migration.TestVm.hold;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.last;
import static io.github.stopcopy.migration.TestVm.pages;
import static io.github.stopcopy.migration.TestVm.play;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The guest attaches devices to domains of a virtio-iommu and maps in them. */
class VirtioGuestTest {

  private static final DeviceConfig VIRTIO = device("virtio-iommu-pci", "", "addr=02.0");
  private static final HostFacts HOST = host(Map.of(A, can(P2P), B, can(P2P)));
  private static final String EXISTS_1 =
      "vfio_container_dma_map(PTR, 0x100000, 0x2000, PTR) = -17 (File exists)";
  private static final String EXISTS_2 =
      "vfio_container_dma_map(PTR, 0x102000, 0x1000, PTR) = -17 (File exists)";

  private static DeviceConfig trackedByContainer(String name) {
    return vfio(name, "x-device-dirty-page-tracking=off", "enable-migration=on");
  }

  private static Step attach(String device) {
    return domain(ViommuOperation.ATTACH, device, 1);
  }

  private static Step write(long iova) {
    return new Step.DmaWrite("v1", new AddressRange(iova, iova + 0xfff));
  }

  /** Seen on QEMU 11.1.3: no page is asked for, so what the device wrote is lost. */
  @ParameterizedTest
  @EnumSource(names = {"V11_0", "V11_1"})
  void R_OBS_112_everySyncMapsAgainAndReadsNoPage(QemuProfile profile) throws Exception {
    Story story =
        play(
            profile,
            q35(VIRTIO, trackedByContainer(A)),
            HOST,
            new Step.Boot(),
            attach("v1"),
            pages(ViommuOperation.MAP, "v1", 0x100000, 0x2000000, 3),
            hold(),
            write(0x101000),
            new Step.Sync(),
            finish());

    assertThat(story.answers().get(2).errors()).isEmpty();
    assertThat(story.answers().get(3).errors()).containsExactly(EXISTS_1, EXISTS_2);
    StepAnswer sync = story.answers().get(5);
    assertThat(sync.errors()).containsExactly(EXISTS_1, EXISTS_2);
    assertThat(sync.dirtyPages()).isEmpty();
    assertThat(last(story).query().orElseThrow().status()).isEqualTo("completed");
  }

  /** Seen on QEMU 11.1.3: neither ends a migration, and the domain ends with its device. */
  @Test
  void R_OBS_112_detachAndAttachMidway() throws Exception {
    Story story =
        play(
            QemuProfile.V11_1,
            q35(VIRTIO, trackedByContainer(A)),
            HOST,
            new Step.Boot(),
            attach("v1"),
            pages(ViommuOperation.MAP, "v1", 0x100000, 0x2000000, 3),
            hold(),
            domain(ViommuOperation.DETACH, "v1", 1),
            attach("v1"),
            new Step.Sync(),
            finish());

    assertThat(story.answers().get(4).errors()).isEmpty();
    assertThat(story.answers().get(5).iommuSections()).hasSize(1);
    assertThat(story.answers().get(6).errors()).as("nothing is mapped any more").isEmpty();
    assertThat(last(story).query().orElseThrow().status()).isEqualTo("completed");
  }

  /** Seen on QEMU 10.0.13 and 11.1.3: replayed to as the region appears, and told once more. */
  @ParameterizedTest
  @EnumSource(names = {"V10_0", "V11_1"})
  void R_VIO_42_whoJoinsADomainWithMappingsMapsThemTwice(QemuProfile profile) throws Exception {
    Story story =
        play(
            profile,
            q35(VIRTIO, vfio(A), vfio(B)),
            HOST,
            new Step.Boot(),
            attach("v1"),
            pages(ViommuOperation.MAP, "v1", 0x100000, 0x2000000, 3),
            attach("v2"));

    assertThat(last(story).errors()).containsExactly(EXISTS_1, EXISTS_2);
  }

  @Test
  void whatTheDeviceRefusesIsBadInput() {
    for (Step step :
        List.of(
            pages(ViommuOperation.MAP, "v1", 0x1000, 0x1000, 1),
            domain(ViommuOperation.DETACH, "v1", 1))) {
      assertThatExceptionOfType(InputException.class)
          .isThrownBy(
              () -> play(QemuProfile.V11_1, q35(VIRTIO, vfio(A)), HOST, new Step.Boot(), step))
          .withMessageStartingWith("step 2: the device is ");
    }
  }

  @Test
  void aDomainNeedsItsNumber() {
    Step step = pages(ViommuOperation.ATTACH, "v1", 0, 0, 1);
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(
            () -> play(QemuProfile.V11_1, q35(VIRTIO, vfio(A)), HOST, new Step.Boot(), step))
        .withMessage("step 2: viommu attach without domain, expected its number");
  }
}
