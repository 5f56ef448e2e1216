package io.github.stopcopy.qemu.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.Accelerator;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.qemu.Mutations;
import io.github.stopcopy.qemu.Resources;
import io.github.stopcopy.qemu.machine.PcMemory;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
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
        "/usr/bin/qemu-system-x86_64", "LC_ALL=C PATH=/bin ./run", "sudo -u root qemu-kvm",
        "sudo ./run", "exec env A=b qemu-system-x86_64", "# comment\nqemu \\\n", ""
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
      VmConfig again = parse(text.toString());
      assertThat(again.toBuilder().memory(vm.memory()).build()).isEqualTo(vm);
    }
  }

  @Test
  void R_PROP_1_textDevice() throws InputException {
    DeviceConfig device =
        device("vfio-pci,host=0000:01:00.0,id=v1,addr=05.0,bus=pcie.0,x-req=maybe,addr=6");
    assertThat(device)
        .isEqualTo(
            new DeviceConfig(
                "vfio-pci", Optional.of("v1"), Optional.of("pcie.0"),
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
                "x", Optional.empty(), Optional.empty(),
                List.of(
                    setting("multifunction", "on"), setting("more", "off"), setting("no", "on"),
                    setting("vel", "off"), setting("a", "1,2,"), setting("b", ""),
                    setting("c", "="), setting("d", "on"))));
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
            new PropertySetting(
                "n", new PropertyInput.TypedNumber(BigInteger.ONE.shiftLeft(64))),
            new PropertySetting("s", new PropertyInput.TypedText("t")),
            new PropertySetting("q.0.i", new PropertyInput.TypedNumber(BigInteger.ONE)),
            new PropertySetting("q.1.0", new PropertyInput.TypedText("j")));
  }

  @Test
  void R_PROP_11_setComesLast() throws InputException {
    VmConfig vm =
        parse("-device x,id=a,p=1 -device y -set device.a.p=2 -set drive.d.p=3 -set device.a.q=,");
    assertThat(vm.devices().get(0).settings())
        .containsExactly(
            setting("p", "1"), setting("p", "2"), setting("q", ","));
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
    assertThat(
            parse("-object memory-backend-epc,id=r -machine memory-backend=r -m 1G").ramSize())
        .isEqualTo(1 << 30);
  }

  @ParameterizedTest
  @CsvSource({
    "4, 4", "cpus=4, 4", "'4,maxcpus=320', 320", "maxcpus=8, 8",
    "'sockets=2,cores=3,threads=2', 12", "'4,sockets=2,cores=4', 4", "0x10, 16",
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
                "x2apic", "on", "svm", "off", "vendor", "GenuineIntel", "host-phys-bits", "on",
                "kvm", "on", "a", "b=c"));
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
    assertThat(parse("-frobnicate a -x -readconfig f.cfg --new-thing=1 -smp 2").unknownOptions())
        .containsExactly("-frobnicate a", "-x", "-readconfig f.cfg", "--new-thing=1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "-m 5X ~ -m: size: '5X' is not a size below 2^64, expected a number and one of the"
            + " suffixes B K M G T P E",
        "-m 18446744073709551616B ~ -m: size: '18446744073709551616B' is not a size below 2^64,"
            + " expected a number and one of the suffixes B K M G T P E",
        "-m 4E ~ -m: size=4E is too much, expected at most 2E",
        "-m 0 ~ -m: size is 0, expected a size of at least one byte",
        "-m 2G,maxmem=1G ~ -m: maxmem is less than the RAM, 1073741824 < 2147483648 bytes",
        "-m 2G,slots=2 ~ -m: slots=2 without maxmem, expected both",
        "-m 2G,slots=257,maxmem=4G ~ -m: slots=257 is out of range, expected a whole number from 0"
            + " to 256",
        "-m 2G,foo=1 ~ -m: unknown 'foo', expected size, slots or maxmem",
        "-smp zero ~ -smp: cpus: 'zero' is not a number, expected a whole number from 1 to 65535",
        "-smp 0 ~ -smp: cpus=0 is out of range, expected a whole number from 1 to 65535",
        "-smp 18446744073709551616 ~ -smp: cpus: 18446744073709551616 is greater than 2^64-1,"
            + " expected a whole number from 1 to 65535",
        "-smp 4,maxcpus=2 ~ -smp: maxcpus=2 is less than cpus=4",
        "-smp sockets=300,cores=300 ~ -smp: 'sockets=300,cores=300' makes too many CPUs, expected"
            + " at most 65535",
        "-smp 4,foo=1 ~ -smp: unknown 'foo', expected cpus, maxcpus or one of [drawers, books,"
            + " sockets, dies, clusters, modules, cores, threads]",
        "-device ~ option -device without its value",
        "-device -nodefaults ~ option -device without its value, found '-nodefaults' instead",
        "-append ~ option -append without its value",
        "-device id=a ~ -device: 'id=a' names no driver, expected driver,property=value,...",
        "-device '' ~ -device: '' names no driver, expected driver,property=value,...",
        "-device a,=b ~ -device: a part of 'a,=b' has no name, expected name=value",
        "-device a,id=i -device b,id=i ~ -device: id 'i' of b is already that of the device a,"
            + " expected each id once",
        "-object a,id=i -object b,id=i ~ -object: id 'i' of b is already that of the object a,"
            + " expected each id once",
        "-object id=a ~ -object: 'id=a' names no type, expected type,id=name,...",
        "-object a ~ -object: 'a' has no id, expected type,id=name,...",
        "-object memory-backend-ram,id=r,size=x ~ -object: size: 'x' is not a size below 2^64,"
            + " expected a number and one of the suffixes B K M G T P E",
        "-global a.b ~ -global: 'a.b' has no driver, expected driver.property=value or"
            + " driver=..,property=..,value=..",
        "-global driver=a,property=b ~ -global: 'driver=a,property=b' has no value, expected"
            + " driver.property=value or driver=..,property=..,value=..",
        "-global q35-pcihost.pci-hole64-size=x ~ -global: pci-hole64-size: 'x' is not a size,"
            + " expected e.g. 32G",
        "-set a ~ -set: 'a', expected group.id.property=value",
        "-set device.a=b ~ -set: 'device.a=b', expected group.id.property=value",
        "-set device.a.b=c ~ -set: no -device before it has the id 'a' in the form driver,id=...,"
            + " expected the id of one",
        "-machine virt ~ -machine: machine 'virt' is not modelled, expected q35 or pc",
        "-M microvm ~ -machine: machine 'microvm' is not modelled, expected q35 or pc",
        "-machine accel=hvf ~ -machine: accelerator 'hvf' is not modelled, expected kvm or tcg",
        "-accel xen ~ -accel: accelerator 'xen' is not modelled, expected kvm or tcg",
        "-accel kvm -machine accel=kvm ~ -machine: accel= beside the option -accel, expected one of"
            + " them",
        "-machine max-ram-below-4g=5G ~ -machine: max-ram-below-4g=5G, expected at most 4G",
        "-machine memory-backend=r ~ -machine: memory-backend=r is no object, expected the id of an"
            + " -object",
        "-machine memory-backend=r -object memory-backend-ram,id=r,size=1G -m 2G ~ -m: 2147483648"
            + " bytes of RAM, but the memory backend 'r' has 1073741824, expected the same size",
        "-cpu '' ~ -cpu: '' names no model, expected model,feature=value,...",
        "-cpu max,+ ~ -cpu: a feature without a name, expected model,feature=value,...",
        "-cpu max,phys-bits=65 ~ -cpu: phys-bits=65 is out of range, expected a whole number from 0"
            + " to 64",
        "-smp 2 stray ~ 'stray' where an option is expected",
        "-smp 2 '' ~ '' where an option is expected",
        "-smp 2 - ~ '-' where an option is expected",
      })
  void wrongOptionsAreRefused(String line, String problem) {
    assertThatThrownBy(() -> parse("qemu\n" + line))
        .isInstanceOf(InputException.class)
        .hasMessage("vm.sh:2: " + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{\"driver\":\"a\",\"driver\":\"b\"} ~ no valid JSON: Duplicate",
        "{\"driver\":\"a\"} x ~ no valid JSON: Unrecognized token 'x'",
        "{\"driver\":\"a\"} {} ~ '{' behind the JSON object, expected nothing more",
        "{\"driver\":\"a\" ~ no valid JSON: Unexpected end-of-input",
        "{\"driver\":\"a\",\"x\":1.5} ~ 'x' is 1.5, expected a string, a whole number, true or"
            + " false",
        "{\"driver\":\"a\",\"x\":{\"y\":null}} ~ 'x.y' is null, expected a string, a whole number",
        "{\"driver\":1} ~ 'driver' is 1, expected a string",
        "{\"driver\":\"a\",\"id\":true} ~ 'id' is on, expected a string",
        "{\"id\":\"a\"} ~ '{\"id\":\"a\"}' names no driver",
        "{driver:1} ~ no valid JSON: Unexpected character",
      })
  void wrongJsonIsRefused(String json, String problem) {
    assertThatThrownBy(() -> parse("\n-device \\\n '" + json + "'"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("vm.sh:3: -device: " + problem);
  }

  @Test
  void jsonThatIsDeepOrHugeIsRefused() {
    assertThatThrownBy(() -> device("{\"driver\":\"a\",\"x\":" + "[".repeat(100_000)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("s: -device: no valid JSON: ");
    assertThatThrownBy(() -> device("{\"driver\":\"a\",\"x\":" + "1".repeat(100_000) + "}"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("s: -device: no valid JSON: ");
  }

  @Test
  void R_PROP_11_setDoesNotReachTypedDevices() {
    assertThatThrownBy(
            () -> parse("-device '{\"driver\":\"x\",\"id\":\"a\"}' -set device.a.p=1"))
        .hasMessageStartingWith("vm.sh:1: -set: no -device before it has the id 'a'");
  }

  @Test
  void emptyTextIsRefused() {
    for (String text : List.of("", " \n\t", "# only a comment")) {
      assertThatThrownBy(() -> parse(text))
          .isInstanceOf(InputException.class)
          .hasMessage("vm.sh: no words, expected a QEMU command line");
    }
  }

  @Test
  void hugeTextIsRefused() {
    assertThatThrownBy(() -> parse("x".repeat((4 << 20) + 1)))
        .isInstanceOf(InputException.class)
        .hasMessage("vm.sh: a command line of 4194305 characters, expected at most 4194304");
    List<String> argv = List.of("-name", "x".repeat(3 << 20), "-name", "x".repeat(3 << 20));
    assertThatThrownBy(() -> QemuCommandLine.parseArgv("s", argv))
        .isInstanceOf(InputException.class)
        .hasMessage("s: a command line of 6291466 characters, expected at most 4194304");
  }

  @Test
  void aLongValueDoesNotHideWhatIsWrong() {
    assertThatThrownBy(() -> parse("-smp " + "9".repeat(1 << 20)))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("expected a whole number from 1 to 65535");
    assertThatThrownBy(() -> parse("-m " + "x".repeat(1 << 20)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("...' is not a size");
  }

  @Test
  void manyDevicesAreReadInReasonableTime() throws InputException {
    StringBuilder text = new StringBuilder("-M q35");
    for (int i = 0; text.length() < (4 << 20) - 100; i++) {
      text.append(" -device x,id=i").append(i).append(" -set device.i0.p=1");
    }
    assertThat(parse(text.toString()).devices()).hasSizeGreaterThan(90_000);
  }

  @Test
  void argvWithBinaryWordsIsRefused() {
    assertThatThrownBy(() -> QemuCommandLine.parseArgv("s", List.of("-name", "a\0b")))
        .isInstanceOf(InputException.class)
        .hasMessage("s: a word holds the character 0x0, expected the words of a command line");
  }

  @Test
  void damagedTextIsReadOrRefusedButNeverBreaksTheReader() {
    List<List<String>> all = Resources.recordedArgv();
    List<String> tokens =
        List.of(" ", ",", ",,", "=", "'", "\"", "\\", "\n", "-device ", " -", " --", "no", "{", "}",
            "{\"driver\":\"x\"", "99999999999999999999", "0x", "$", "\0", "#", " -m ", " -smp ",
            "size=", "maxmem=1G", "slots=", " -cpu ", "phys-bits=", " -global ", " -set ", ".");
    int refused = 0;
    for (long seed = 1; seed <= 5000; seed++) {
      Random random = new Random(seed);
      List<String> argv = all.get(random.nextInt(all.size()));
      String text = Mutations.of(String.join(" ", argv), random, tokens);
      try {
        parse(text);
      } catch (InputException e) {
        refused++;
      } catch (RuntimeException e) {
        fail("seed " + seed, e);
      }
    }
    assertThat(refused).isBetween(500, 4999);
  }
}
