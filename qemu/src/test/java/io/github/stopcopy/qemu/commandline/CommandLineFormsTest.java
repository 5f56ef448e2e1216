package io.github.stopcopy.qemu.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms in which people have the command line of a VM. */
class CommandLineFormsTest {

  private static final String VFIO =
      "{\"driver\":\"vfio-pci\",\"host\":\"0000:21:00.0\",\"id\":\"v1\"}";

  private static QemuCommandLine.Parsed read(String text) throws InputException {
    return QemuCommandLine.read("in", text, ConfigFiles.NONE);
  }

  private static void assertRefused(String text, String message) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(InputException.class).hasMessage(message);
  }

  private static void assertIsTheVm(String text) throws InputException {
    VmConfig vm = read(text).vm();
    assertThat(vm.machineType()).isEqualTo("q35");
    assertThat(vm.ramSize()).isEqualTo(4L << 30);
    assertThat(vm.devices()).extracting(DeviceConfig::driver).containsExactly("vfio-pci");
    assertThat(vm.devices().get(0).setting("host")).contains("0000:21:00.0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "qemu-system-x86_64",
        "/usr/libexec/qemu-kvm",
        "/usr/bin/kvm",
        "qemu-system-x86_64-spice",
        "/nix/store/abc-qemu/bin/.qemu-system-x86_64-wrapped",
        "sudo -E qemu-system-x86_64",
        "LC_ALL=C HOME=/ QEMU_AUDIO_DRV=none /usr/bin/qemu-system-x86_64",
        "exec timeout 10 qemu-kvm",
        "taskset -c 0-3 nice -n 5 numactl --membind=0 qemu-kvm",
        "ExecStart=/usr/bin/qemu-system-x86_64",
        "$ qemu-system-x86_64",
        "user@host:~# /usr/bin/kvm",
        "2026-02-19T14:59:34.123+01:00 INFO /usr/bin/qemu-system-x86_64",
        "Feb 19 14:59:34 node1 vm[12]: /usr/bin/qemu-system-x86_64",
        "+ qemu-system-x86_64",
        "cd /vms && qemu-kvm",
        "timeout 10 ./run",
        "$QEMU",
        "",
      })
  void whateverStandsBeforeTheOptions(String start) throws InputException {
    assertIsTheVm(start + " -M q35 -m 4G --device vfio-pci,host=0000:21:00.0");
    assertIsTheVm(start + " -m 4G \\\n  -M \"q35\" \\\n -device 'vfio-pci,host=0000:21:00.0'\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " disk.qcow2",
        " /dev/vg/disk",
        " > log 2>&1 &",
        " 2>&1 | tee log",
        "; echo done",
        " && echo -n done",
        " -name $'a\\'b'",
        " -name 'it''s' -append \"a b\"",
        " -drive file=$HOME/a.img,if=virtio \"$@\"",
        " -name $(hostname) -pidfile ${DIR:-/run}/pid",
        "\n-nodefaults\n-append\n'a b'\n",
        "\r\n -nodefaults\r\n",
        " # -device nothing",
        "\n2025-05-20 10:11:13.001+0000: Domain id=1 can't (be) tainted",
      })
  void whateverStandsBehindThem(String end) throws InputException {
    assertIsTheVm("qemu-system-x86_64 -M q35 -m 4G -device vfio-pci,host=0000:21:00.0" + end);
  }

  @Test
  void scripts() throws InputException {
    String script =
        "#!/bin/bash\n"
            + "set -e\n"
            + "QEMU=/usr/bin/qemu-system-x86_64\n"
            + "GPU=0000:21:00.0\n"
            + "if ! command -v qemu-system-x86_64 >/dev/null; then\n"
            + "  echo 'no QEMU' >&2\n"
            + "  exit 1\n"
            + "fi\n"
            + "echo $GPU > /sys/bus/pci/drivers/vfio-pci/bind\n"
            + "qemu-img create a.img 1G\n"
            + "OPTS=(-M q35 -m 4G)\n"
            + "OPTS+=(-device \"vfio-pci,host=$GPU\")\n"
            + "exec $QEMU \"${OPTS[@]}\" -drive file=$IMG,if=virtio\n";
    assertIsTheVm(script);
    assertThat(read(script).notes())
        .containsExactly(
            "in:13: -drive 'file=$IMG,if=virtio' leaves something open; it was read as if that made"
                + " no difference");
    assertIsTheVm(
        "#!/bin/sh\nOPTS=\"-M q35 -m 4G\"\nOPTS=\"$OPTS -device vfio-pci,host=0000:21:00.0\"\n"
            + "qemu-kvm $OPTS\nreboot now\n");
  }

  @Test
  void whatIsOpenAndMattersIsRefused() {
    assertRefused(
        "qemu-kvm -M q35 \\\n -device vfio-pci,host=$GPU",
        "in:2: -device: 'vfio-pci,host=$GPU' leaves open what matters, expected the value itself");
    assertRefused(
        "qemu-kvm -m $MEM", "in:1: -m: '$MEM' leaves open what matters, expected the value itself");
    assertRefused(
        "qemu-kvm -M q35 $OPTS",
        "in:1: '$OPTS' may hold options and is not set in this text, expected the options"
            + " themselves");
    assertRefused(
        "if true; then\nM=1G\nelse\nM=2G\nfi\nqemu-kvm -m $M",
        "in:6: -m: '$M' leaves open what matters, expected the value itself");
  }

  @Test
  void otherDevicesMayBeOpenInPart() throws InputException {
    assertThat(read("qemu-kvm -M q35 -device virtio-net-pci,mac=$MAC").notes()).hasSize(1);
    assertThatThrownBy(() -> read("qemu-kvm -M q35 -device $NIC"))
        .hasMessageContaining("leaves open what matters");
  }

  @Test
  void wordsOfProc() throws InputException {
    assertIsTheVm("/usr/bin/qemu-kvm\0-M\0q35\0-append\0\0-m\0004G\0-device\0" + VFIO + "\0");
    assertIsTheVm("qemu-kvm\0-M\0q35\0-m\0004G\0-name\0a b; $c\0-device\0" + VFIO + "\0\n");
    assertIsTheVm("qemu-kvm\n-M\nq35\n-smp\n4\n-m\n4G\n-device\n" + VFIO + "\n");
  }

  @Test
  void jsonArrays() throws InputException {
    String array =
        "[\"qemu-kvm\", \"-M\", \"q35\",\n \"-m\", \"4G\", \"-device\", "
            + "\"vfio-pci,host=0000:21:00.0\"]";
    assertIsTheVm(array);
    assertThatThrownBy(() -> read(array.replace("\"4G\"", "\"4X\"")))
        .hasMessageStartingWith("in:2: -m:");
    assertRefused(
        "[\"qemu-kvm\",\n 4]",
        "in:2: word 2 of the array is no string, expected an array of words only");
    assertRefused(
        "[\"qemu-kvm\",\n \"-m\"",
        "in:2: no valid JSON at character 6: the text ends too early, expected a closing }, ] or"
            + " \"");
    assertThatThrownBy(() -> read("[\"ls\", \"-l\"]")).hasMessageContaining("no QEMU program");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1234 ",
        "root      1234  1.0  2.5 123456 7890 ?        Sl   10:00   1:23 ",
        "   PID TTY      STAT   TIME COMMAND\n  1234 ?        Sl     1:23 ",
        "UID          PID    PPID  C STIME TTY          TIME CMD\nqemu        1234       1  5 Feb19"
            + " ?        00:10:00 ",
        "COMMAND\n",
      })
  void linesOfPs(String columns) throws InputException {
    String words = "/usr/libexec/qemu-kvm -name guest=it's,x -M q35 -append  -m 4G -device ";
    assertIsTheVm(columns + words + VFIO.replace(",", ", ") + " -msg timestamp=on\n");
    if (!columns.isEmpty()) {
      assertIsTheVm(columns + words + "vfio-pci,host=0000:21:00.0\n");
      assertIsTheVm(
          columns
              + words
              + "vfio-pci,host=0000:21:00.0\nroot  99 1 0 10:00 ? 0:00 grep qemu-kvm -m 1");
    }
  }

  @Test
  void severalProcesses() throws InputException {
    String heading = "USER  PID %CPU COMMAND\n";
    String sudo = "root  11  0.0 sudo qemu-kvm -M pc\nroot  12  0.0 sh -c qemu-kvm -M pc\n";
    String one =
        "qemu  13  0.0 /usr/bin/qemu-kvm -M q35 -m 4G -device vfio-pci,host=0000:21:00.0\n";
    assertIsTheVm(heading + "root 1 0.0 /sbin/init\n" + sudo + one + "root 14 0.0 tail -f x\n");
    assertRefused(
        heading + one + "qemu  15  0.0 /usr/bin/qemu-kvm -name guest=b,x\n",
        "in:3: 2 QEMU processes: process 13, process 15 (b); expected the line of one");
    assertRefused(
        heading + "root 1 0.0 /sbin/init\n",
        "in: no QEMU among these processes, expected the line of one with its options");
  }

  @Test
  void theLastStartInALogOfLibvirtCounts() throws InputException {
    String start =
        "2025-05-20 10:11:12.345+0000: starting up libvirt version: 10.0.0, package: 2, qemu"
            + " version: 8.2.2Debian 1:8.2, kernel: 6.8.0\n";
    String rest =
        "PATH=/usr/bin \\\n"
            + "/usr/bin/qemu-system-x86_64 \\\n"
            + "-name guest=a,x=y \\\n"
            + "-m 4G \\\n"
            + "-M %s \\\n"
            + "-device '"
            + VFIO
            + "' \\\n-incoming defer \\\n-msg timestamp=on\n"
            + "2025-05-20 10:11:13.001+0000: Domain id=1 isn't (tainted)\n";
    String log =
        start.replace("8.2.2", "8.1.0") + rest.formatted("pc") + start + rest.formatted("q35");
    assertIsTheVm(log);
    assertThat(read(log).release()).contains("8.2.2");
    assertThat(read(log).vm().incoming()).isTrue();
    assertIsTheVm(log.lines().map(line -> "> " + line + "\n").reduce("", String::concat));
    assertIsTheVm(rest.formatted("q35"));
    assertThat(read(rest.formatted("q35")).release()).isEmpty();
    assertRefused(
        log + start,
        "in:21: the log ends inside this start of the VM, expected the whole command line behind"
            + " it");
    assertThatThrownBy(() -> read(log.replace("-M q35", "-M virt")))
        .hasMessage("in:16: -machine: machine 'virt' is not modelled, expected q35 or pc");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello",
        "hello world -x",
        "ls -l",
        "grep qemu-system-x86_64 -m 1 file",
        "time=\"x\" msg=\"launching /opt/qemu-system-x86_64 with: [-machine q35 -m 4G]\" name=y",
        "The VM qemu-kvm does not start",
        "A=b",
        "<domain type='kvm'/>",
        "{\"id\": 1}",
      })
  void textWithoutQemuIsRefused(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("in:");
  }

  @Test
  void severalCommandLinesAreRefused() {
    assertRefused(
        "qemu-kvm -m 1G -name a\nqemu-kvm -m 2G -name b\n",
        "in:2: 2 QEMU command lines: line 1 (a), line 2 (b); expected one");
  }

  @Test
  void optionsBehindAnOperatorAreNotLost() {
    for (String word : List.of("-name a(1)", "-name a;b", "-drive file=http://h/?a=1&b=2")) {
      assertThatThrownBy(() -> read("qemu-kvm -M q35 " + word + " -device vfio-pci,host=1:0.0"))
          .hasMessageContaining("ends the command for a shell, but options follow");
    }
  }

  @Test
  void aQemuForAnotherProcessorIsRefused() {
    assertRefused(
        "/usr/bin/qemu-system-aarch64 -m 1G",
        "in:1: 'qemu-system-aarch64' is a QEMU for another processor, expected qemu-system-x86_64");
  }

  @Test
  void R_OBS_129_devicesInJsonAreMadeLast() throws InputException {
    VmConfig vm =
        read("-M q35 -device '{\"driver\":\"e1000\"}' -device rtl8139 -device"
                + " '{\"driver\":\"nvme\"}' -device pcnet")
            .vm();
    assertThat(vm.devices())
        .extracting(DeviceConfig::driver)
        .containsExactly("rtl8139", "pcnet", "e1000", "nvme");
  }

  @Test
  void optionsGivenTwiceMergeOrTheLastCounts() throws InputException {
    VmConfig vm =
        read("-M pc -smp 2 -smp maxcpus=4 -m 1G -m slots=2,maxmem=4G -cpu max,phys-bits=40 -cpu"
                + " host -machine q35")
            .vm();
    assertThat(vm.machineType()).isEqualTo("q35");
    assertThat(vm.vcpus()).isEqualTo(4);
    assertThat(vm.ramSize()).isEqualTo(1L << 30);
    assertThat(vm.ramSlots()).isEqualTo(2);
    assertThat(vm.cpuModel()).contains("host");
    assertThat(vm.cpuOptions()).isEmpty();
  }

  @Test
  void readconfigIsPartOfTheCommandLine() throws InputException {
    String config =
        "# a comment\n[machine]\n  type = \"q35\"\n[memory]\n  size = \"4G\"\n\n[device \"rp1\"]\n"
            + "  driver = \"pcie-root-port\"\n  bus = \"pcie.0\"\n  addr = \"1c.0\"\n"
            + "[smp-opts]\ncpus = \"2\"\n[chardev \"x\"]\nbackend = \"null\"\n";
    ConfigFiles files =
        path ->
            path.equals("/run/vm.conf")
                ? Optional.of(new ConfigFiles.ConfigFile("vm.conf", config))
                : Optional.empty();
    VmConfig vm =
        QemuCommandLine.read(
                "in", "qemu-kvm -readconfig /run/vm.conf -set device.rp1.port=3", files)
            .vm();
    assertThat(vm.machineType()).isEqualTo("q35");
    assertThat(vm.ramSize()).isEqualTo(4L << 30);
    assertThat(vm.vcpus()).isEqualTo(2);
    assertThat(vm.devices().get(0).id()).contains("rp1");
    assertThat(vm.devices().get(0).bus()).contains("pcie.0");
    assertThat(vm.devices().get(0).setting("addr")).contains("1c.0");
    assertThat(vm.devices().get(0).setting("port")).contains("3");
    assertRefused(
        "qemu-kvm \\\n -readconfig /run/other.conf",
        "in:2: -readconfig: '/run/other.conf' is not at hand, and its devices can decide the"
            + " answer; expected it beside this file or given with --readconfig FILE");
    for (String wrong : List.of("x = \"y\"", "[device", "[device]\nx", "[device]\nx = y")) {
      assertThatThrownBy(() ->
              QemuCommandLine.read(
                  "in",
                  "qemu-kvm -readconfig a",
                  path -> Optional.of(new ConfigFiles.ConfigFile("a", wrong))))
          .isInstanceOf(InputException.class)
          .hasMessageMatching("a:[12]: .*, expected .*");
    }
  }

  @Test
  void theFilesOfProxmoxAreKnown() throws InputException {
    QemuCommandLine.Parsed parsed =
        read("kvm -M q35 -readconfig /usr/share/qemu-server/pve-q35-4.0.cfg");
    assertThat(parsed.vm().devices())
        .extracting(device -> device.id().orElseThrow())
        .contains("ich9-pcie-port-1", "ich9-pcie-port-4", "pci.0", "pci.3");
    // QEMU does not start two ports of one chassis and slot
    assertThat(parsed.vm().devices())
        .filteredOn(device -> device.driver().equals("pcie-root-port"))
        .extracting(device -> device.setting("chassis").orElseThrow())
        .containsExactly("1", "2", "3", "4");
    assertThat(parsed.notes())
        .containsExactly("in:1: -readconfig: pve-q35-4.0.cfg is taken as Proxmox VE comes with it");
  }

  @Test
  void devicesThatQemuDoesNotHave() throws InputException {
    assertThat(
            read("-M q35 -device virtio-blk-pci -device qxl -device e1000-82540em")
                .unknownDevices())
        .isEmpty();
    QemuCommandLine.Parsed parsed =
        read(
            "-M q35 \\\n -device virtio-blkpci \\\n -device vfio_pci,host=1:0.0 -device toy-iommu");
    assertThat(parsed.unknownDevices())
        .extracting(UnknownDevice::driver, UnknownDevice::isDecisive, UnknownDevice::line)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("virtio-blkpci", false, 2),
            org.assertj.core.groups.Tuple.tuple("vfio_pci", true, 3),
            org.assertj.core.groups.Tuple.tuple("toy-iommu", true, 3));
    assertThat(parsed.unknownDevices().get(1))
        .hasToString(
            "in:3: -device: QEMU has no device 'vfio_pci', expected vfio-pci if that is meant");
    assertThat(read("-M q35 -device vfio-user-pci").unknownDevices().get(0))
        .hasToString(
            "in:1: -device: vfio-user-pci is served by another process and is not modelled,"
                + " expected vfio-pci");
  }

  @ParameterizedTest
  @ValueSource(strings = {"intel-iomu", "vifo-pci", "intel-iommmu,x=y"})
  void mistypedNamesThatDecideAreRefused(String device) throws InputException {
    QemuCommandLine.Parsed parsed;
    try {
      parsed = read("-M q35 -device " + device);
    } catch (InputException e) {
      assertThat(e).hasMessageStartingWith("in:1: -device: QEMU has no device '");
      return;
    }
    assertThat(parsed.unknownDevices()).extracting(UnknownDevice::isDecisive).containsExactly(true);
  }

  @Test
  void hostileTextIsReadInReasonableTime() throws InputException {
    String many = "qemu-kvm -M q35 ";
    for (String part :
        List.of("$( ", "${ ", "` ", "{\" ", "'' ", "a=( ", "<<", "> ", "\\\n", "A=$A\n")) {
      String text = many + part.repeat(100_000);
      try {
        read(text);
      } catch (InputException e) {
        assertThat(e.getMessage()).startsWith("in");
      }
    }
    String processes = "root 1 0 ? 0:0 qemu-kvm -M pc\n".repeat(50_000);
    assertThatThrownBy(() -> read(processes)).hasMessageContaining("50000 QEMU processes");
  }

  /** A line of a mail that was answered a million times; its marks are read once. */
  @Test
  @Timeout(30)
  void marksOfQuotedMailMayBeMany() throws InputException {
    String vm = "qemu-system-x86_64 -M q35 -m 4G -device vfio-pci,host=0000:21:00.0";
    assertIsTheVm("> ".repeat(1 << 20) + vm + "\n>>> \n");
    assertIsTheVm(" >\t> " + vm + "\n");
  }

  /** As /proc/PID/cmdline has a QEMU that runs with libraries of its own. */
  @Test
  void theLoaderOfALibraryMayStandInFront() throws InputException {
    assertIsTheVm(
        "/opt/qemu/ld-linux-x86-64.so.2 --library-path /opt/qemu/lib"
            + " /opt/qemu/bin/qemu-system-x86_64 -M q35 -m 4G -device vfio-pci,host=0000:21:00.0");
  }
}
