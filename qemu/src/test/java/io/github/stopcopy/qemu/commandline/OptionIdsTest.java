package io.github.stopcopy.qemu.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.QemuError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R-OBS-127: which ids QEMU refuses while it reads its options, as 10.0.13 and 11.1.3 do. */
class OptionIdsTest {

  private static final String NO_ID = "Parameter 'id' expects an identifier";

  private static VmConfig parse(String options) throws Exception {
    return QemuCommandLine.parse("vm.sh", "qemu -M q35 " + options);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "-device a,id=i -device b,id=i ~ Duplicate ID 'i' for device",
        "-object a,id=i -object b,id=i ~ Duplicate ID 'i' for object",
        "-device a,id=1x ~ Parameter 'id' expects an identifier",
        "-device a,id= ~ Parameter 'id' expects an identifier",
        "-object a,id=1x ~ Parameter 'id' expects an identifier",
        "-object '{\"qom-type\":\"a\",\"id\":\"1x\"}' ~ Parameter 'id' expects an identifier",
        "-object a,id=i -object '{\"qom-type\":\"b\",\"id\":\"i\"}' ~ attempt to add duplicate"
            + " property 'i' to object (type 'container')",
        // what the text of an option shows comes before what shows when it is carried out
        "-object '{\"qom-type\":\"a\",\"id\":\"i\"}' -object a,id=i -device a,id=j -device"
            + " a,id=j ~ Duplicate ID 'j' for device",
        "-device a,id=j -device a,id=j -object a,id=i -object a,id=i ~ Duplicate ID 'j' for device",
      })
  void anIdIsOfTheFormOfOneAndThereOnce(String options, String text) throws Exception {
    QemuError refused = parse(options).refusedOption().orElseThrow();

    assertThat(refused.text()).isEqualTo(text);
    assertThat(refused.hints()).hasSize(text.equals(NO_ID) ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "-object memory-backend-ram,id=m ~ -object memory-backend-ram,id=m: Parameter 'size' is"
            + " missing",
        "-object memory-backend-ram,id=m,size=0 ~ property 'size' of memory-backend-ram doesn't"
            + " take value '0'",
        "-machine q35,max-ram-below-4g=5G ~ Machine option 'max-ram-below-4g=5368709120' expects"
            + " size less than or equal to 4G",
      })
  void R_OBS_170_memoryNeedsASizeThatQemuTakes(String options, String text) throws Exception {
    assertThat(parse(options).refusedOption().orElseThrow().text()).isEqualTo(text);
  }

  @Test
  void devicesAndObjectsHaveIdsOfTheirOwnAndJsonIsNotReadYet() throws Exception {
    VmConfig vm =
        parse(
            "-device a,id=i -object a,id=i -device '{\"driver\":\"b\",\"id\":\"i\"}'"
                + " -device '{\"driver\":\"b\",\"id\":\"1x\"}'");

    assertThat(vm.refusedOption()).isEmpty();
    assertThat(vm.devices()).extracting(DeviceConfig::driver).containsExactly("a", "b", "b");
  }
}
