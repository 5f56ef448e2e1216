package io.github.stopcopy.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.property.PropertyInput;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import java.math.BigInteger;
import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Scenarios come from JSON step by step; what is not a scenario is refused where it is wrong. */
class ScenarioJsonTest {

  private static final VmConfig VM =
      VmConfig.builder()
          .machineType("q35")
          .memory((vm, profile, host) -> Result.failed(QemuError.of("no layout")))
          .build();

  private final List<Object> asked = new ArrayList<>();

  private Scenario read(String text) throws InputException {
    return ScenarioJson.read("s.jsonl", 7, text.replace('\'', '"'), this::vm).scenario();
  }

  private VmConfig vm(List<String> argv, Optional<String> mtree) {
    asked.add(argv);
    asked.add(mtree);
    return VM;
  }

  private Step step(String text) throws InputException {
    return read("{'profile':'10.2','argv':[],'steps':[{'do':'boot'}," + text + "]}").steps().get(1);
  }

  @Test
  void theCommandLineAndTheDumpAreReadByWhoKnowsThem() throws Exception {
    Scenario scenario =
        read(
            "{'mtree':'dump','id':'a','argv':['-m','2G'],'host':{'page-size':'64K'},"
                + "'profile':'10.2'}");
    assertThat(asked).containsExactly(List.of("-m", "2G"), Optional.of("dump"));
    assertThat(scenario.id()).isEqualTo("a");
    assertThat(scenario.profile().id()).isEqualTo("10.2");
    assertThat(scenario.vm()).isSameAs(VM);
    assertThat(scenario.host()).isEqualTo(HostFacts.builder().pageSize(65536).build());
    assertThat(scenario.steps()).containsExactly(new Step.Boot());
  }

  @Test
  void everyStepArrives() throws Exception {
    assertThat(step("{'do':'snapshot'}")).isEqualTo(new Step.Snapshot());
    assertThat(step("{'do':'device-del','id':'v'}")).isEqualTo(new Step.DeviceDel("v", true));
    assertThat(step("{'released':false,'id':'v','do':'device-del'}"))
        .isEqualTo(new Step.DeviceDel("v", false));
    assertThat(step("{'do':'migrate','capabilities':['multifd'],'hold':true}"))
        .isEqualTo(new Step.Migrate(Set.of("multifd"), true));
    assertThat(step("{'do':'finish-migration'}")).isEqualTo(new Step.FinishMigration());
    assertThat(step("{'do':'migrate-cancel'}")).isEqualTo(new Step.MigrateCancel());
    assertThat(step("{'do':'memory-add','id':'d','size':'1G','at':'0x10'}"))
        .isEqualTo(new Step.MemoryAdd("d", 1L << 30, Optional.of(16L)));
    assertThat(step("{'do':'dma-write','device':'v','iova':4096,'length':'4K'}"))
        .isEqualTo(new Step.DmaWrite("v", new AddressRange(0x1000, 0x1fff)));
    assertThat(step("{'do':'sync'}")).isEqualTo(new Step.Sync());
    assertThat(step("{'do':'bar','device':'v','bar':1,'at':null}"))
        .isEqualTo(new Step.MoveBar("v", 1, Optional.empty()));
    assertThat(step("{'at':'0x1000','bar':1,'device':'v','do':'bar'}"))
        .isEqualTo(new Step.MoveBar("v", 1, Optional.of(0x1000L)));
    assertThat(step("{'do':'viommu','op':'context','device':'v','mode':'passthrough','aw':39}"))
        .isEqualTo(
            new Step.Viommu(
                ViommuOperation.CONTEXT,
                Optional.of("v"),
                Optional.of(ContextMode.PASSTHROUGH),
                OptionalInt.of(39),
                OptionalInt.empty(),
                0,
                0,
                1));
    assertThat(step("{'do':'viommu','op':'detach','device':'v','domain':7}"))
        .isEqualTo(
            new Step.Viommu(
                ViommuOperation.DETACH,
                Optional.of("v"),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.of(7),
                0,
                0,
                1));
    assertThat(step("{'do':'viommu','op':'map','device':'v','iova':1,'gpa':2,'pages':3}"))
        .isEqualTo(
            new Step.Viommu(
                ViommuOperation.MAP,
                Optional.of("v"),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                1,
                2,
                3));
  }

  @Test
  void argumentsOfAPluggedDeviceKeepTheirTypesAndTheirOrder() throws Exception {
    assertThat(
            step(
                "{'do':'device-add','args':{'driver':'vfio-pci','b':true,'id':'v','a':"
                    + "18446744073709551616,'bus':'rp','c':'on','note':1}}"))
        .isEqualTo(
            new Step.DeviceAdd(
                new DeviceConfig(
                    "vfio-pci",
                    Optional.of("v"),
                    Optional.of("rp"),
                    List.of(
                        new PropertySetting("b", new PropertyInput.TypedBoolean(true)),
                        new PropertySetting(
                            "a", new PropertyInput.TypedNumber(BigInteger.ONE.shiftLeft(64))),
                        new PropertySetting("c", new PropertyInput.TypedText("on"))))));
  }

  /** The recorded vectors have what QEMU did beside the scenario. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'scenario':%s,'observed':{'steps':[5]},'profile':5}",
        "{'profile':5,'steps':'none','zz':[{}],'scenario':%s}",
        "{'id':'other','argv':['x'],'scenario':%s}"
      })
  void whatStandsBesideAScenarioIsNotLookedAt(String outer) throws Exception {
    Scenario scenario = read(String.format(outer, "{'id':'in','profile':'10.2','argv':[]}"));
    assertThat(scenario.id()).isEqualTo("in");
    assertThat(asked).contains(List.of()).doesNotContain(List.of("x"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | key 'profile' is missing, expected a string",
        "{'profile':'10.2'} | key 'argv' is missing, expected a list of words",
        "{'profile':'10.2','argv':['a',1]} | key 'argv[1]' is 1, expected a string",
        "{'scenario':{'argv':[5]}} | key 'argv[0]' is 5, expected a string",
        "{'scenario':null} | the JSON is null, expected an object",
        "{'idd':1} | unknown key 'idd', expected one of argv, host, id, mtree, profile, steps",
        "{'steps':[{'do':'fly'}]} | key 'steps[0].do' is \"fly\", expected boot, accept-standby, ",
        "{'steps':[{'hold':true}]} | key 'steps[0].do' is missing, expected a string",
        "{'steps':[{'do':'boot','hold':true}]} | unknown key 'steps[0].hold', expected one of do",
        "{'steps':[{'hold':true,'do':'boot'}]} | unknown key 'steps[0].hold', expected one of do",
        "{'steps':[{'zz':[1],'do':'sync'}]} | unknown key 'steps[0].zz', expected one of do",
        "{'steps':[{'at':null,'do':'memory-add'}]} | key 'steps[0].at' is null, expected a number",
        "{'steps':[{'do':'bar','device':'v','bar':0}]} | key 'steps[0].at' is missing, expected a",
        "{'steps':[{'do':'viommu','op':'unmap','device':'v'}]} | key 'steps[0].iova' is missing",
        "{'host':{'accel':1},'steps':[} | no valid JSON at column "
      })
  void errorsNameTheKey(String text, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("s.jsonl:7: " + message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "'0x2'"})
  void aWriteHasAnEndBelow2To64(String length) {
    assertThatThrownBy(() ->
            step(
                "{'do':'dma-write','device':'v','iova':'0xffffffffffffffff','length':"
                    + length
                    + "}"))
        .hasMessageContaining("key 'steps[1].length' is ")
        .hasMessageContaining("expected at least 1 and an end below 2^64");
  }

  @Test
  void errorsInTheTextsOfQemuAreToldWithTheLineOfTheScenario() {
    VmReader broken =
        (argv, mtree) -> {
          throw InputException.at("mtree", 3, "is torn");
        };
    assertThatThrownBy(
            () -> ScenarioJson.read("s.json", 1, "{\"profile\":\"10.2\",\n\"argv\":[]}", broken))
        .hasMessage("s.json:2: mtree line 3: is torn");
  }

  @Test
  void aReleaseThatAnotherAnswersForIsToldWithTheScenario() throws Exception {
    assertThat(ScenarioJson.read("s", 1, "{\"profile\":\"10.1\",\"argv\":[]}", this::vm).warning())
        .isPresent();
    assertThat(ScenarioJson.read("s", 1, "{\"profile\":\"10.2\",\"argv\":[]}", this::vm).warning())
        .isEmpty();
  }

  /** The text is compared in the parser's buffer, escapes and all. */
  @Test
  void aDumpThatTheReaderKnowsIsNotMadeAnew() throws Exception {
    String known = new String("a\nb");
    List<String> read = new ArrayList<>();
    VmReader knowing =
        new VmReader() {
          @Override
          public VmConfig read(List<String> argv, Optional<String> mtree) throws InputException {
            read.add(mtree.orElseThrow());
            return ScenarioJsonTest.this.vm(argv, mtree);
          }

          @Override
          public Optional<String> known(char[] characters, int first, int length) {
            return known.contentEquals(CharBuffer.wrap(characters, first, length))
                ? Optional.of(known)
                : Optional.empty();
          }
        };
    for (String dump : List.of("a\\nb", "a\\u000ab", "a\\nc")) {
      ScenarioJson.read(
          "s", 1, "{\"profile\":\"10.2\",\"argv\":[],\"mtree\":\"" + dump + "\"}", knowing);
    }
    assertThat(read).containsExactly("a\nb", "a\nb", "a\nc");
    assertThat(read.get(0)).isSameAs(known);
    assertThat(read.get(1)).isSameAs(known);
  }
}
