package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.pc;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.IommuModel;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** vIOMMU models of others that throw: one line that names them, whatever it is and wherever. */
class BrokenPluginsTest {

  private static final String NAME = "frozen-iommu";

  /** What a method of the model does instead of what it should. */
  private interface Instead {
    Object answer(MachineFacts machine) throws Throwable;
  }

  /** A vIOMMU one method of which does something else. */
  private record Broken(String method, Instead instead) implements VirtualIommuProvider {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public PropertySchema properties(QemuProfile profile) {
      return new PropertySchema(NAME, List.of());
    }

    @Override
    public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
      VirtualIommu works =
          ((Result.Ok<VirtualIommu>) IdleIommuProvider.frozen().realize(values, machine)).value();
      return Result.ok(
          mock(
              VirtualIommu.class,
              call ->
                  call.getMethod().getName().equals(method)
                      ? instead.answer(machine)
                      : call.getMethod().invoke(works, call.getArguments())));
    }
  }

  private static void assertRefused(VirtualIommuProvider viommu, String message) throws Exception {
    Scenario scenario =
        TestVm.scenario(
            QemuProfile.V10_2,
            pc(device(NAME, "i"), vfio(A)),
            HostFacts.CAPABLE,
            new Step.Boot(),
            TestVm.migrate(),
            TestVm.del(A),
            TestVm.guest(ViommuOperation.ENABLE));
    MigrationCheck check =
        MigrationCheck.of(scenario)
            .plugins(Plugins.of(List.of(new VfioPciProvider(), viommu)))
            .ruleSets(RuleSets.of(List.of()));

    assertThatThrownBy(check::decide).isInstanceOf(InputException.class).hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"addressSpace", "attach", "detach", "machineDone", "guest"})
  void aMethodThatThrowsIsNamed(String method) throws Exception {
    assertRefused(
        new Broken(
            method,
            machine -> {
              throw new IllegalStateException("two\nlines");
            }),
        "vIOMMU frozen-iommu failed: " + method + " threw IllegalStateException: two lines");
  }

  @ParameterizedTest
  @ValueSource(strings = {"addressSpace", "attach", "machineDone", "guest"})
  void aMethodThatAnswersNothingIsNamed(String method) throws Exception {
    assertRefused(
        new Broken(method, machine -> null),
        "vIOMMU frozen-iommu failed: " + method + " answered null");
  }

  /** One whose message throws as well. */
  private static final class Mute extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new UnsupportedOperationException();
    }
  }

  static List<Throwable> throwables() {
    return List.of(
        new StackOverflowError(),
        new OutOfMemoryError("a table of 2^60 entries"),
        new AssertionError("never"),
        new NoClassDefFoundError("org/x/Table"),
        new IOException("gone"),
        new Mute());
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void whateverIsThrownIsNamed(Throwable thrown) throws Exception {
    String text =
        thrown instanceof Mute
            ? "Mute"
            : thrown.toString().substring(thrown.getClass().getPackageName().length() + 1);
    assertRefused(
        new Broken(
            "guest",
            machine -> {
              throw thrown;
            }),
        "vIOMMU frozen-iommu failed: guest threw " + text);
  }

  @Test
  void aProviderThatThrowsIsNamed() throws Exception {
    VirtualIommuProvider noRealize =
        mock(
            VirtualIommuProvider.class,
            call ->
                switch (call.getMethod().getName()) {
                  case "name" -> NAME;
                  case "properties" -> new PropertySchema(NAME, List.of());
                  default -> throw new IllegalStateException("not today");
                });
    assertRefused(
        noRealize, "vIOMMU frozen-iommu failed: realize threw IllegalStateException: not today");
    VirtualIommuProvider noProperties =
        mock(
            VirtualIommuProvider.class,
            call -> {
              if (call.getMethod().getName().equals("name")) {
                return NAME;
              }
              throw new AbstractMethodError("properties");
            });
    assertRefused(
        noProperties,
        "device type frozen-iommu failed: properties threw AbstractMethodError: properties");
  }

  @Test
  void aSchemaThatLacksWhatItsKindNeedsIsTheFaultOfItsDeviceType() throws Exception {
    DeviceTypeProvider bare =
        mock(
            DeviceTypeProvider.class,
            call ->
                switch (call.getMethod().getName()) {
                  case "name" -> "bare-vf";
                  case "properties" -> new PropertySchema("bare-vf", List.of());
                  default -> true;
                });
    MigrationCheck check =
        MigrationCheck.of(
                TestVm.scenario(
                    QemuProfile.V10_2,
                    pc(device("bare-vf", "v")),
                    HostFacts.CAPABLE,
                    new Step.Boot(),
                    TestVm.migrate()))
            .plugins(Plugins.of(List.of(bare)))
            .ruleSets(RuleSets.of(List.of()));

    assertThatThrownBy(check::decide)
        .isInstanceOf(InputException.class)
        .hasMessageMatching(
            "device type bare-vf failed: properties lacks what a device of its kind needs: bare-vf"
                + " has no property [a-z-]+");
  }

  @Test
  void translationsThatThrowAreNamedByTheirVIommu() throws Exception {
    IommuModel model =
        mock(
            IommuModel.class,
            call -> {
              throw new ArithmeticException("/ by zero");
            });
    Instead translating =
        machine -> {
          MemoryRegion root = machine.memory().iommu("broken", ByteSize.WHOLE_SPACE, model);
          return machine.memory().addressSpace("broken", root);
        };
    assertRefused(
        new Broken("addressSpace", translating),
        "vIOMMU frozen-iommu failed: notifierFlagsChanged threw"
            + " ArithmeticException: / by zero");
  }

  @Test
  void aVIommuThatWorksIsPlayedThroughItsGuard() throws Exception {
    Verdict verdict =
        MigrationCheck.of(q35(device(NAME, "i"), vfio(A)))
            .plugins(Plugins.of(List.of(new VfioPciProvider(), IdleIommuProvider.frozen())))
            .ruleSets(RuleSets.of(List.of()))
            .decide();

    assertThat(verdict.kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(verdict.virtualIommu().orElseThrow().addressBits()).isEqualTo(39);
  }
}
