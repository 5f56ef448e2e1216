package io.github.stopcopy.qemu.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.qemu.Resources;
import io.github.stopcopy.qemu.machine.PcMemory;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QemuCommandLineTest {

  private static VmConfig parse(String text) throws InputException {
    return QemuCommandLine.parse("vm.sh", text);
  }

  private static DeviceConfig device(String value) throws InputException {
    return QemuCommandLine.parseArgv("s", List.of("-device", value)).devices().get(0);
  }

  private static PropertySetting setting(String name, String text) {
    return PropertySetting.of(name, text);
  }

  @Test
  void defaultsOfQemu() throws InputException {
    VmConfig vm = QemuCommandLine.parseArgv("s", List.of());
    assertThat(vm.machineType()).isEqualTo("pc");
    assertThat(vm.ramSize()).isEqualTo(128 << 20);
    assertThat(vm.maxRamSize()).isEqualTo(vm.ramSize());
    assertThat(vm.vcpus()).isOne();
    assertThat(vm.accelerator()).isEmpty();
    assertThat(vm.cpuModel()).isEmpty();
    assertThat(vm.memory()).isInstanceOf(PcMemory.class);
    assertThat(vm.pflash() || vm.incoming() || vm.onlyMigratable()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/usr/bin/qemu-system-x86_64",
        "LC_ALL=C PATH=/bin ./run",
        "sudo -u root qemu-kvm",
        "sudo ./run",
        "exec env A=b qemu-system-x86_64",
        "# comment\nqemu \\\n",
        ""
      })
  void theProgramNameIsDropped(String start) throws InputException {
    VmConfig vm = parse(start + " -M q35 --smp 2\n");
    assertThat(vm.machineType()).isEqualTo("q35");
    assertThat(vm.vcpus()).isEqualTo(2);
    assertThat(vm.unknownOptions()).isEmpty();
  }

  @Test
  void anIdThatLooksLikeAProgramIsNotOne() throws InputException {
    assertThat(parse("./run -M q35 -name qemu-kvm -m 64").ramSize()).isEqualTo(64 << 20);
  }

  @Test
  void everyRecordedCommandLineIsRead() throws InputException {
    List<List<String>> all = Resources.recordedArgv();
    assertThat(all).hasSizeGreaterThan(200);
    for (List<String> argv : all) {
      VmConfig vm = QemuCommandLine.parseArgv("recorded", argv);
      StringBuilder text = new StringBuilder("qemu-system-x86_64");
      long devices = 0;
      for (String word : argv) {
        text.append(" \\\n '").append(word.replace("'", "'\\''")).append('\'');
        devices += word.equals("-device") ? 1 : 0;
      }
      assertThat(vm.unknownOptions()).isEmpty();
      assertThat(vm.devices()).hasSize((int) devices);
      assertThat(vm.objects()).containsKey("ram0");
      assertThat(parse(text.toString())).isEqualTo(vm);
    }
  }

  @Test
  void R_PROP_1_textDevice() throws InputException {
    DeviceConfig device =
        device("vfio-pci,host=0000:01:00.0,id=v1,addr=05.0,bus=pcie.0,x-req=maybe,addr=6");
    assertThat(device)
        .isEqualTo(
            new DeviceConfig(
                "vfio-pci",
                Optional.of("v1"),
                Optional.of("pcie.0"),
                List.of(
                    setting("host", "0000:01:00.0"), setting("addr", "05.0"),
                    setting("x-req", "maybe"), setting("addr", "6"))));
    assertThat(device.setting("addr")).contains("6");
  }

  @Test
  void R_PROP_2_bareNamesAndCommas() throws InputException {
    assertThat(device("x,multifunction,nomore,no,novel,a=1,,2,,,b=,c==,d"))
        .isEqualTo(
            new DeviceConfig(
                "x",
                Optional.empty(),
                Optional.empty(),
                List.of(
                    setting("multifunction", "on"),
                    setting("more", "off"),
                    setting("no", "on"),
                    setting("vel", "off"),
                    setting("a", "1,2,"),
                    setting("b", ""),
                    setting("c", "="),
                    setting("d", "on"))));
    assertThat(device("virtio-iommu,addr=1").driver()).isEqualTo("virtio-iommu-pci");
    assertThat(device("a,,b,id=i").driver()).isEqualTo("a,b");
    assertThat(device("id=i,driver=x,").driver()).isEqualTo("x");
  }

  @Test
  void R_PROP_1_typedDevice() throws InputException {
    DeviceConfig device =
        device(
            "{\"driver\":\"vfio-pci\",\"id\":\"v1\",\"bus\":\"b\",\"x-req\":true,"
                + "\"n\":18446744073709551616,\"s\":\"t\",\"q\":[{\"i\":1},[\"j\"]],\"e\":{}}");
    assertThat(device.id()).contains("v1");
    assertThat(device.bus()).contains("b");
    assertThat(device.settings())
        .containsExactly(
            new PropertySetting("x-req", new PropertyInput.TypedBoolean(true)),
            new PropertySetting("n", new PropertyInput.TypedNumber(BigInteger.ONE.shiftLeft(64))),
            new PropertySetting("s", new PropertyInput.TypedText("t")),
            new PropertySetting("q.0.i", new PropertyInput.TypedNumber(BigInteger.ONE)),
            new PropertySetting("q.1.0", new PropertyInput.TypedText("j")));
  }

  @Test
  void R_PROP_11_setComesLast() throws InputException {
    VmConfig vm =
        parse("-device x,id=a,p=1 -device y -set device.a.p=2 -set drive.d.p=3 -set device.a.q=,");
    assertThat(vm.devices().get(0).settings())
        .containsExactly(setting("p", "1"), setting("p", "2"), setting("q", ","));
    assertThat(vm.devices().get(1).settings()).isEmpty();
  }

  @Test
  void machinesMerge() throws InputException {
    VmConfig vm =
        parse("-machine q35,accel=kvm:tcg,kernel_irqchip=split -M smm=off,nosata -machine type=pc");
    assertThat(vm.machineType()).isEqualTo("pc");
    assertThat(vm.machineOptions())
        .isEqualTo(
            Map.of("accel", "kvm:tcg", "kernel-irqchip", "split", "smm", "off", "sata", "off"));
    assertThat(vm.accelerator()).contains(Accelerator.KVM);
  }

  @Test
  void accelerators() throws InputException {
    assertThat(parse("-accel tcg -accel kvm").accelerator()).contains(Accelerator.TCG);
    assertThat(parse("-accel hvf:tcg").accelerator()).contains(Accelerator.TCG);
    assertThat(parse("-enable-kvm -M q35").accelerator()).contains(Accelerator.KVM);
    VmConfig vm = parse("-accel kvm,kernel-irqchip=split,dirty-ring-size=4096 -machine q35");
    assertThat(vm.accelerator()).contains(Accelerator.KVM);
    assertThat(vm.machineOptions()).isEqualTo(Map.of("kernel-irqchip", "split"));
  }

  @ParameterizedTest
  @CsvSource({
    "512, 0x20000000, 0, 0x20000000",
    "1.5G, 0x60000000, 0, 0x60000000",
    "size=512, 0x20000000, 0, 0x20000000",
    "'2G,slots=4,maxmem=16G', 0x80000000, 4, 0x400000000",
    "'maxmem=4294967296,size=1g', 0x40000000, 0, 0x100000000",
  })
  void memory(String value, String ram, int slots, String most) throws InputException {
    VmConfig vm = parse("-m '" + value + "'");
    assertThat(vm.ramSize()).isEqualTo(Long.decode(ram));
    assertThat(vm.ramSlots()).isEqualTo(slots);
    assertThat(vm.maxRamSize()).isEqualTo(Long.decode(most));
  }

  @Test
  void theBackendSaysHowMuchRamThereIs() throws InputException {
    String backend = "-object memory-backend-ram,id=r,size=3G -machine pc,memory-backend=r";
    assertThat(parse(backend).ramSize()).isEqualTo(3L << 30);
    assertThat(parse(backend + " -m 3072").ramSize()).isEqualTo(3L << 30);
    assertThat(parse("-object memory-backend-epc,id=r -machine memory-backend=r -m 1G").ramSize())
        .isEqualTo(1 << 30);
  }

  @ParameterizedTest
  @CsvSource({
    "4, 4",
    "cpus=4, 4",
    "'4,maxcpus=320', 320",
    "maxcpus=8, 8",
    "'sockets=2,cores=3,threads=2', 12",
    "'4,sockets=2,cores=4', 8",
    "0x10, 16",
  })
  void processors(String value, int vcpus) throws InputException {
    assertThat(parse("-smp " + value).vcpus()).isEqualTo(vcpus);
  }

  @Test
  void cpuOptions() throws InputException {
    VmConfig vm =
        parse("-cpu EPYC-v4,+x2apic,-svm,vendor=GenuineIntel,host_phys_bits=on,kvm,a=b=c");
    assertThat(vm.cpuModel()).contains("EPYC-v4");
    assertThat(vm.cpuOptions())
        .isEqualTo(
            Map.of(
                "x2apic",
                "on",
                "svm",
                "off",
                "vendor",
                "GenuineIntel",
                "host-phys-bits",
                "on",
                "kvm",
                "on",
                "a",
                "b=c"));
  }

  @Test
  void objects() throws InputException {
    VmConfig vm =
        parse(
            "-object iommufd,id=i0 -object '{\"qom-type\":\"memory-backend-file\",\"id\":\"m\","
                + "\"size\":1073741824,\"share\":true,\"host-nodes\":[0]}'");
    assertThat(vm.objects().get("i0").type()).isEqualTo("iommufd");
    assertThat(vm.objects().get("m").properties())
        .isEqualTo(Map.of("size", "1073741824", "share", "on", "host-nodes.0", "0"));
  }

  @Test
  void globals() throws InputException {
    assertThat(
            parse("-global vfio-pci.x-req=a,b=c -global driver=ICH9-LPC,property=p.q,value=v")
                .globals())
        .containsExactly(
            new GlobalProperty("vfio-pci", setting("x-req", "a,b=c")),
            new GlobalProperty("ICH9-LPC", setting("p.q", "v")));
  }

  @Test
  void firmwareInFlash() throws InputException {
    assertThat(parse("-drive if=pflash,format=raw,file=a").pflash()).isTrue();
    assertThat(parse("-pflash a").pflash()).isTrue();
    assertThat(parse("-blockdev driver=file,node-name=f -machine q35,pflash0=f").pflash()).isTrue();
    assertThat(parse("-drive if=none,id=a -machine q35").pflash()).isFalse();
  }

  @Test
  void flags() throws InputException {
    assertThat(parse("--only-migratable").onlyMigratable()).isTrue();
    assertThat(parse("-incoming defer").incoming()).isTrue();
    assertThat(parse("-nodefaults -nographic -S").unknownOptions()).isEmpty();
  }

  @Test
  void valuesOfKnownOptionsAreNeverTakenForOptions() throws InputException {
    VmConfig vm = parse("-append -smp -kernel 9 -name x -chardev null,id=c -smp 3");
    assertThat(vm.vcpus()).isEqualTo(3);
    assertThat(vm.unknownOptions()).isEmpty();
  }

  @Test
  void unknownOptionsAreListed() throws InputException {
    assertThat(parse("-frobnicate a -x --new-thing 1 -smp 2").unknownOptions())
        .containsExactly("-frobnicate a", "-x", "--new-thing 1");
  }

  @Test
  void manyDevicesAreReadInReasonableTime() throws InputException {
    StringBuilder text = new StringBuilder("-M q35");
    for (int i = 0; text.length() < (4 << 20) - 100; i++) {
      text.append(" -device x,id=i").append(i).append(" -set device.i0.p=1");
    }
    assertThat(parse(text.toString()).devices()).hasSizeGreaterThan(90_000);
  }
}
