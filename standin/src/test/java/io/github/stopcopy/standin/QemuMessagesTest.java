package io.github.stopcopy.standin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Lines of real QEMUs' standard error, and what answers have of them. */
class QemuMessagesTest {

  private static final String FOLDER = "/tmp/run";
  private static final String DEVICE =
      "vfio-pci,sysfsdev=/tmp/run/sys/0000:01:00.0,id=v1,addr=05.0";
  private static final List<String> ARGV = List.of("-machine", "q35", "-device", DEVICE);

  private static QemuMessages messages(String... lines) {
    return new QemuMessages(List.of(lines), ARGV, FOLDER);
  }

  @Test
  void R_BLK_26_theErrorOfADeviceIsWithoutProgramAndOption() {
    QemuMessages sorted =
        messages(
            "qemu-system-x86_64: -device "
                + DEVICE
                + ": vfio 0000:01:00.0: 0000:01:00.0: Migration is currently not supported with"
                + " vIOMMU enabled");
    assertThat(sorted.errors())
        .containsExactly(
            "vfio 0000:01:00.0: 0000:01:00.0: Migration is currently not supported with vIOMMU"
                + " enabled");
    assertThat(sorted.warnings()).isEmpty();
  }

  @Test
  void R_OBS_101_aWarningIsNoError() {
    QemuMessages sorted =
        messages(
            "qemu-system-x86_64: -device "
                + DEVICE
                + ": warning: VFIO dma-buf not supported in kernel, using mmap fallback, P2P DMA"
                + " will not work");
    assertThat(sorted.errors()).isEmpty();
    assertThat(sorted.warnings())
        .containsExactly(
            "VFIO dma-buf not supported in kernel, using mmap fallback, P2P DMA will not work");
  }

  @Test
  void R_OBS_3_hostPointersAreNotRepeatedAndAddressesAre() {
    assertThat(
            messages(
                    "qemu-kvm: vfio_container_dma_map(0x55d0c1, 0x100000, 0x7ff00000,"
                        + " 0x7f1200000000) = -28 (No space left on device)",
                    "kvm: vfio_container_dma_unmap(0x55d0c1, 0xfffc0000, 0x40000) = -22 (Invalid"
                        + " argument)")
                .errors())
        .containsExactly(
            "vfio_container_dma_map(PTR, 0x100000, 0x7ff00000, PTR) = -28 (No space left on"
                + " device)",
            "vfio_container_dma_unmap(PTR, 0xfffc0000, 0x40000) = -22 (Invalid argument)");
  }

  @Test
  void R_LST_61_aHardwareErrorKeepsItsOwnPrefixAndLosesTheRegisters() {
    assertThat(
            messages(
                    "qemu: hardware error: vfio: DMA mapping failed, unable to continue",
                    "CPU #0:",
                    "EAX=00000000 EBX=00000000")
                .errors())
        .containsExactly("qemu: hardware error: vfio: DMA mapping failed, unable to continue");
  }

  @Test
  void whatConcernsTheProcessorOrTheEndIsLeftOut() {
    QemuMessages sorted =
        messages(
            "qemu-system-x86_64: warning: host doesn't support requested feature: CPUID.01H:ECX",
            "qemu-system-x86_64: warning: trace event 'vfio_x' does not exist",
            "qemu-system-x86_64: info: nothing",
            "qemu-system-x86_64: group ID 2: KVM VFIO device isn't created yet",
            "qemu-system-x86_64: virtio_iommu_translate sid=250 is not known!!",
            "qemu-system-x86_64: terminating on signal 15 from pid 1");
    assertThat(sorted.errors()).isEmpty();
    assertThat(sorted.warnings()).isEmpty();
  }

  @Test
  void theFolderOfTheRunIsNotRepeated() {
    assertThat(messages("qemu-system-x86_64: cannot open /tmp/run/flash.img").errors())
        .containsExactly("cannot open @DIR@/flash.img");
  }
}
