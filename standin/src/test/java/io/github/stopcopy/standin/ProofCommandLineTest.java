package io.github.stopcopy.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a VM's command line is started when it is proven, and what stands for the rest. */
class ProofCommandLineTest {

  private static final BinaryTypes TYPES =
      new BinaryTypes(
          Set.of("q35", "pc", "pc-q35-9.2"),
          Set.of(
              "vfio-pci",
              "virtio-net-pci",
              "virtio-blk-pci",
              "virtio-rng-pci",
              "pcie-root-port",
              "ivshmem-plain",
              "vhost-vsock-pci",
              "tpm-tis",
              "scsi-block"),
          Set.of("virtio-net-pci", "ivshmem-plain", "vhost-vsock-pci"),
          Set.of("qemu64", "EPYC"));

  private static QemuBinary binary(boolean kvm) {
    return new QemuBinary(
        Path.of("qemu"), "11.1.0", QemuProfile.V11_1, List.of(), kvm, List.of(), Optional.empty());
  }

  private static ProofCommandLine.Rewritten rewrite(boolean kvm, String words)
      throws InputException {
    List<String> given = List.of(words.split(" "));
    VmConfig vm = QemuCommandLine.parseArgv("vm", given);
    return ProofCommandLine.of(given, vm, HostFacts.CAPABLE, TYPES, binary(kvm));
  }

  private static List<String> argv(String words) throws InputException {
    return rewrite(true, words).argv();
  }

  /** The values of an option. */
  private static List<String> values(List<String> argv, String option) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i + 1 < argv.size(); i++) {
      if (argv.get(i).equals(option)) {
        values.add(argv.get(i + 1));
      }
    }
    return values;
  }

  @Test
  void vfioDevicesAreTheStandInsAndKeepTheirPlace() throws InputException {
    assertThat(
            values(
                argv(
                    "-machine q35 -device pcie-root-port,id=rp1,bus=pcie.0,addr=2.1,chassis=3"
                        + " -device vfio-pci,host=01:00.0,id=v1,bus=rp1,addr=0,romfile=/x -device"
                        + " {\"driver\":\"vfio-pci\",\"host\":\"0000:02:00.0\",\"fd\":\"9\"}"),
                "-device"))
        .containsExactly(
            "pcie-root-port,id=rp1,bus=pcie.0,addr=2.1,chassis=3",
            "vfio-pci,sysfsdev=@DIR@/sys/0000:01:00.0,id=v1,bus=rp1,addr=0",
            "{\"driver\":\"vfio-pci\",\"sysfsdev\":\"@DIR@/sys/0000:02:00.0\"}");
  }

  @Test
  void aVfioDeviceOfADescriptorAloneCannotBeTold() {
    assertThatThrownBy(() -> argv("-machine q35 -device vfio-pci,fd=9,id=v1"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("given by fd= alone");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "-drive file=/srv/d.qcow2,if=virtio | -drive | if=virtio,driver=null-co,size=1073741824",
        "-drive file=/srv/d.qcow2,if=none,id=d0 | -blockdev"
            + " | null-co,node-name=d0,size=1073741824,read-zeroes=on",
        "-blockdev {\"driver\":\"file\",\"node-name\":\"n\",\"filename\":\"/srv/d\"} | -blockdev"
            + " | null-co,node-name=n,size=1073741824,read-zeroes=on",
        "-netdev tap,id=net0,vhost=on | -netdev | hubport,hubid=0,id=net0",
        "-chardev socket,id=c0,path=/run/x,server=on | -chardev | null,id=c0",
        "-audiodev spice,id=a0 | -audiodev | none,id=a0",
        "-object rng-random,id=r0,filename=/dev/urandom | -object | rng-builtin,id=r0",
        "-object memory-backend-file,id=m0,size=1G,mem-path=/dev/hugepages/x,prealloc=on"
            + " | -object | memory-backend-ram,id=m0,size=1G,reserve=off"
      })
  void whatTheHostHasIsEmpty(String words, String option, String stands) throws InputException {
    List<String> argv = argv("-machine q35 -m 1G " + words);

    assertThat(values(argv, option)).contains(stands);
    assertThat(argv).noneMatch(word -> word.contains("/srv") || word.contains("/run"));
    assertThat(argv).noneMatch(word -> word.contains("/dev/"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-incoming tcp:0:4444",
        "-daemonize",
        "-S",
        "-monitor unix:/run/m,server",
        "-qmp unix:/run/q,server",
        "-mon chardev=c,mode=control",
        "-pidfile /run/p",
        "-sandbox on",
        "-runas nobody",
        "-snapshot",
        "-fsdev local,id=f,path=/srv",
        "-kernel /boot/vmlinuz",
        "-spice port=5900"
      })
  void whatOpensTheHostIsLeftOutAndTold(String words) throws InputException {
    String name = words.split(" ")[0];
    ProofCommandLine.Rewritten line = rewrite(true, "-machine q35 -nodefaults " + words);

    assertThat(line.argv()).doesNotContain(words.split(" "));
    assertThat(line.changes())
        .anyMatch(change -> change.startsWith("left out: ") && change.contains(name));
  }

  @Test
  void objectsOfTheHostAreLeftOutAndTold() throws InputException {
    ProofCommandLine.Rewritten line =
        rewrite(true, "-machine q35 -object secret,id=s,file=/run/key -object iothread,id=io1");

    assertThat(values(line.argv(), "-object"))
        .startsWith("iothread,id=io1")
        .noneMatch(value -> value.startsWith("secret"));
    assertThat(line.changes()).contains("left out: -object secret");
  }

  @Test
  void theMachineIsKept() throws InputException {
    List<String> argv =
        argv(
            "-machine pc-q35-9.2,accel=kvm,kernel-irqchip=split,memory-backend=m0,pflash0=fw"
                + " -object memory-backend-memfd,id=m0,size=2G,share=on -m 2G -smp 4,sockets=2"
                + " -numa node,memdev=m0 -global q35-pcihost.pci-hole64-size=1T -only-migratable");

    assertThat(values(argv, "-machine"))
        .containsExactly("pc-q35-9.2,kernel-irqchip=split,memory-backend=m0,accel=kvm");
    assertThat(values(argv, "-object"))
        .containsExactly("memory-backend-ram,id=m0,size=2G,reserve=off");
    assertThat(values(argv, "-m")).containsExactly("2G");
    assertThat(values(argv, "-smp")).containsExactly("4,sockets=2");
    assertThat(values(argv, "-numa")).containsExactly("node,memdev=m0");
    assertThat(values(argv, "-global")).containsExactly("q35-pcihost.pci-hole64-size=1T");
    assertThat(argv).contains("-only-migratable").doesNotContain("-accel");
  }

  /** So that a VM of terabytes starts on a laptop. */
  @Test
  void muchRamIsAFileThatTheMigrationDoesNotRead() throws InputException {
    ProofCommandLine.Rewritten line = rewrite(true, "-machine q35 -m 64G");

    assertThat(values(line.argv(), "-object"))
        .containsExactly(
            "memory-backend-file,id=stopcopy-ram,size=68719476736,reserve=off,share=on,"
                + "mem-path=@DIR@/ram-stopcopy-ram");
    assertThat(values(line.argv(), "-machine"))
        .containsExactly("q35", "memory-backend=stopcopy-ram");
    assertThat(line.changes()).contains("RAM is reserved, and its pages are not sent");
  }

  @Test
  void whatNeedsAPartnerIsInertInItsPlaceAndTold() throws InputException {
    ProofCommandLine.Rewritten line =
        rewrite(
            true,
            "-machine q35 -device vhost-vsock-pci,guest-cid=3,id=vs0,bus=pcie.0,addr=0x5"
                + " -device tpm-tis,tpmdev=t0,id=tpm0 -device scsi-block,drive=d0,id=sd0");

    assertThat(values(line.argv(), "-device"))
        .containsExactly("virtio-rng-pci,id=vs0,bus=pcie.0,addr=0x5", "scsi-hd,drive=d0,id=sd0");
    assertThat(line.changes())
        .anyMatch(change -> change.startsWith("vhost-vsock-pci (vs0)"))
        .anyMatch(change -> change.startsWith("tpm-tis (tpm0)") && change.endsWith("left out"));
  }

  @Test
  void whatThisQemuHasNotIsReplacedAndTold() throws InputException {
    ProofCommandLine.Rewritten line =
        rewrite(true, "-machine pc-q35-rhel9.4.0,accel=kvm -cpu Cascadelake-Server,+vmx");

    assertThat(values(line.argv(), "-machine")).contains("q35,accel=kvm");
    // the machine type in place of Red Hat's does not have it by itself
    assertThat(values(line.argv(), "-cpu")).containsExactly("qemu64,host-phys-bits=on");
    assertThat(line.changes())
        .contains("machine pc-q35-rhel9.4.0 became q35: this QEMU does not have it")
        .anyMatch(change -> change.startsWith("processor Cascadelake-Server became qemu64"));
  }

  /** What decides the answer is QEMU's to judge, even if it does not know it. */
  @Test
  void aVIommuThatThisQemuHasNotIsNotReplaced() throws InputException {
    assertThat(values(argv("-machine q35 -device amd-iommu,dma-remap=on"), "-device"))
        .containsExactly("amd-iommu,dma-remap=on");
  }

  @Test
  void withoutKvmTheGuestIsTranslated() throws InputException {
    ProofCommandLine.Rewritten line =
        rewrite(false, "-machine q35,accel=kvm,kernel-irqchip=split -cpu host,phys-bits=40");

    assertThat(values(line.argv(), "-machine")).contains("q35,accel=tcg");
    assertThat(values(line.argv(), "-cpu")).containsExactly("max,phys-bits=40");
    assertThat(line.changes()).contains("processor host became max: KVM cannot be used here");
    assertThat(values(rewrite(false, "-enable-kvm").argv(), "-accel")).containsExactly("tcg");
  }

  @Test
  void thatKvmIsMissingIsToldWhereItIsWanted() throws InputException {
    String told = "guests run by TCG, since KVM cannot be used here: what KVM decides is not shown";

    assertThat(rewrite(false, "-machine q35,accel=kvm").changes()).contains(told);
    assertThat(rewrite(false, "-machine q35 -cpu host").changes()).contains(told);
    assertThat(rewrite(false, "-machine q35,accel=tcg").changes()).doesNotContain(told);
    assertThat(rewrite(true, "-machine q35,accel=kvm").changes()).doesNotContain(told);
  }

  /** What every processor has with KVM; and tables that QEMU 8.0's machines do not have so. */
  @Test
  void moreThan255ProcessorsStart() throws InputException {
    String many = "-machine pc-q35-9.2,accel=kvm -smp 300";

    assertThat(values(rewrite(false, many).argv(), "-cpu")).containsExactly("qemu64,x2apic=on");
    assertThat(values(rewrite(true, many).argv(), "-cpu")).containsExactly("qemu64");
    assertThat(values(rewrite(true, many).argv(), "-machine"))
        .contains("pc-q35-9.2,smbios-entry-point-type=64,accel=kvm");
    assertThat(values(argv("-machine pc-q35-9.2 -smp 255"), "-machine")).contains("pc-q35-9.2");
  }

  /** TCG gives 40 bits where nobody says how many, and KVM those of this machine. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "false | pc-q35-rhel9.4.0,accel=kvm | EPYC | EPYC,host-phys-bits=off,phys-bits=46",
        "true | pc-q35-rhel9.4.0,accel=kvm | EPYC | EPYC,host-phys-bits=on",
        "false | q35,accel=kvm | EPYC,host-phys-bits=on,host-phys-bits-limit=42"
            + " | EPYC,host-phys-bits=off,phys-bits=42",
        "false | q35,accel=kvm | host | max,host-phys-bits=off,phys-bits=46",
        "false | q35,accel=kvm | EPYC | EPYC",
        "false | q35,accel=tcg | EPYC,host-phys-bits=on | EPYC,host-phys-bits=on"
      })
  void theAddressWidthIsThatOfTheHostInQuestion(
      boolean kvm, String machine, String given, String stands) throws InputException {
    assertThat(values(rewrite(kvm, "-machine " + machine + " -cpu " + given).argv(), "-cpu"))
        .containsExactly(stands);
  }

  /** Its memory is RAM like other RAM, and its BAR is mapped for devices. */
  @Test
  void sharedMemoryIsADeviceLikeOthers() throws InputException {
    assertThat(
            values(
                argv(
                    "-machine q35 -object memory-backend-file,id=m0,size=32M,mem-path=/dev/shm/x"
                        + " -device ivshmem-plain,memdev=m0"),
                "-device"))
        .containsExactly("ivshmem-plain,memdev=m0");
  }
}
