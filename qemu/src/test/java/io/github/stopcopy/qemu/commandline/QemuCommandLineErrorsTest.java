package io.github.stopcopy.qemu.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.qemu.Mutations;
import io.github.stopcopy.qemu.Resources;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@link QemuCommandLine} refuses, and in which words. */
class QemuCommandLineErrorsTest {

  private static VmConfig parse(String text) throws InputException {
    return QemuCommandLine.parse("vm.sh", text);
  }

  private static void device(String value) throws InputException {
    QemuCommandLine.parseArgv("s", List.of("-device", value));
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
        "-machine memory-backend=r ~ -machine: memory-backend=r is no object, expected the id of an"
            + " -object",
        "-machine memory-backend=r -object memory-backend-ram,id=r,size=1G -m 2G ~ -m: 2147483648"
            + " bytes of RAM, but the memory backend 'r' has 1073741824, expected the same size",
        "-cpu '' ~ -cpu: '' names no model, expected model,feature=value,...",
        "-cpu max,+ ~ -cpu: a feature without a name, expected model,feature=value,...",
        "-cpu max,phys-bits=65 ~ -cpu: phys-bits=65 is out of range, expected a whole number from 0"
            + " to 64",
        "-smp 2 vfio-pci,host=0:1.0 ~ 'vfio-pci,host=0:1.0' where an option is expected",
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
        "{\"driver\":\"a\",\"driver\":\"b\"} ~ no valid JSON at character 23: a name that is there"
            + " before, expected each name once",
        "{\"driver\":\"a\"} x ~ no valid JSON at character 16: expected a text in double quotes",
        "{\"driver\":\"a\"} {} ~ '{' behind the JSON object, expected nothing more",
        "{\"driver\":\"a\" ~ no valid JSON at character 14: the text ends too early, expected a"
            + " closing",
        "{\"driver\":\"a\",\"x\":1.5} ~ 'x' is 1.5, expected a string, a whole number, true or"
            + " false",
        "{\"driver\":\"a\",\"x\":{\"y\":null}} ~ 'x.y' is null, expected a string, a whole number",
        "{\"driver\":1} ~ 'driver' is 1, expected a string",
        "{\"driver\":\"a\",\"id\":true} ~ 'id' is on, expected a string",
        "{\"id\":\"a\"} ~ '{\"id\":\"a\"}' names no driver",
        "{driver:1} ~ no valid JSON at character 2: expected a name in double quotes",
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
        .hasMessage("s: -device: no valid JSON: nested too deep, expected at most 32 levels");
    assertThatThrownBy(() -> device("{\"driver\":\"a\",\"x\":" + "1".repeat(100_000) + "}"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("s: -device: no valid JSON: a number or text that is too long");
  }

  @Test
  void R_PROP_11_setDoesNotReachTypedDevices() {
    assertThatThrownBy(() -> parse("-device '{\"driver\":\"x\",\"id\":\"a\"}' -set device.a.p=1"))
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
  void argvWithBinaryWordsIsRefused() {
    assertThatThrownBy(() -> QemuCommandLine.parseArgv("s", List.of("-name", "a\0b")))
        .isInstanceOf(InputException.class)
        .hasMessage("s: a word holds the character 0x0, expected the words of a command line");
  }

  @Test
  void damagedTextIsReadOrRefusedButNeverBreaksTheReader() {
    List<List<String>> all = Resources.recordedArgv();
    List<String> tokens =
        List.of(
            " ",
            ",",
            ",,",
            "=",
            "'",
            "\"",
            "\\",
            "\n",
            "-device ",
            " -",
            " --",
            "no",
            "{",
            "}",
            "{\"driver\":\"x\"",
            "99999999999999999999",
            "0x",
            "$",
            "\0",
            "#",
            " -m ",
            " -smp ",
            "size=",
            "maxmem=1G",
            "slots=",
            " -cpu ",
            "phys-bits=",
            " -global ",
            " -set ",
            ".");
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
