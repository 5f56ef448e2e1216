package io.github.stopcopy.core.plugin;

import static io.github.stopcopy.core.plugin.PluginFolder.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.guard.GuardedDeviceType;
import io.github.stopcopy.core.plugin.samples.GoodDevice;
import io.github.stopcopy.core.plugin.samples.GoodViommu;
import io.github.stopcopy.core.plugin.samples.MarkedDevice;
import io.github.stopcopy.core.plugin.samples.NamelessDevice;
import io.github.stopcopy.core.plugin.samples.SameNameDevice;
import io.github.stopcopy.core.plugin.samples.SecondDevice;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finding plugins: the good ones load, whatever the others do. */
class PluginsTest {

  private static final String LEFT_OUT = "a plugin could not be loaded and is left out: ";

  @TempDir Path temp;
  private PluginFolder one;
  private PluginFolder two;

  @BeforeEach
  void folders() throws IOException {
    one = new PluginFolder(temp.resolve("one"));
    two = new PluginFolder(temp.resolve("two"));
  }

  @Test
  void withoutPluginsThereIsNothingAndNoProblem() throws Exception {
    Plugins none = PluginFolder.load();
    assertThat(none.deviceTypes().names()).isEmpty();
    assertThat(none.virtualIommus().all()).isEmpty();
    assertThat(none.problems()).isEmpty();
    assertThat(none.deviceTypes().find("vfio-pci")).isEmpty();
  }

  @Test
  void goodPluginsLoadFromFoldersAndJars() throws Exception {
    one.withClass("GoodDevice").withService(DeviceTypeProvider.class, "GoodDevice");
    two.withClass("GoodViommu").withService(VirtualIommuProvider.class, "GoodViommu");
    Plugins plugins = PluginFolder.load(one.url(), two.jar());
    assertThat(plugins.deviceTypes().names()).containsExactly("good-device");
    assertThat(plugins.virtualIommus().names()).containsExactly("good-viommu");
    assertThat(plugins.problems()).isUnmodifiable().isEmpty();
    assertThat(plugins.deviceTypes().describe("good-device").origin())
        .isEqualTo(one.url().getPath());
    assertThat(plugins.virtualIommus().describe("good-viommu").origin()).endsWith("/two.jar");
  }

  @Test
  void theContextClassLoaderIsUsedByDefault() throws Exception {
    one.withClass("GoodDevice").withService(DeviceTypeProvider.class, "GoodDevice");
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader loader = PluginFolder.loader(one.url())) {
      Thread.currentThread().setContextClassLoader(loader);
      assertThat(Plugins.load().deviceTypes().names()).containsExactly("good-device");
      Thread.currentThread().setContextClassLoader(null);
      assertThat(Plugins.load().deviceTypes().names()).isEmpty();
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  @Test
  void aMissingClassIsReportedAndTheOthersLoad() throws Exception {
    one.withClass("GoodDevice")
        .withClass("SecondDevice")
        .withService(DeviceTypeProvider.class, "GoodDevice", "NoSuchDevice", "SecondDevice");
    Plugins plugins = PluginFolder.load(one.url());
    assertThat(plugins.deviceTypes().names()).containsExactly("good-device", "second-device");
    assertThat(plugins.problems())
        .singleElement()
        .asString()
        .startsWith(LEFT_OUT + "ServiceConfigurationError: ")
        .contains(sample("NoSuchDevice"));
  }

  @Test
  void aConstructorThatThrowsIsReportedWithItsReason() throws Exception {
    one.withClass("ThrowingDevice")
        .withClass("GoodDevice")
        .withService(DeviceTypeProvider.class, "ThrowingDevice", "GoodDevice");
    Plugins plugins = PluginFolder.load(one.url());
    assertThat(plugins.deviceTypes().names()).containsExactly("good-device");
    assertThat(plugins.problems())
        .singleElement()
        .asString()
        .contains(sample("ThrowingDevice"))
        .endsWith("(IllegalStateException: cannot be made)");
  }

  @Test
  void aClassFileThatIsNoneIsReportedAndTheOthersLoad() throws Exception {
    one.withGarbage("BrokenDevice")
        .withClass("GoodDevice")
        .withService(DeviceTypeProvider.class, "BrokenDevice", "GoodDevice");
    Plugins plugins = PluginFolder.load(one.url());
    assertThat(plugins.deviceTypes().names()).containsExactly("good-device");
    assertThat(plugins.problems())
        .singleElement()
        .asString()
        .startsWith(LEFT_OUT + "ClassFormatError: ")
        .contains("BrokenDevice");
  }

  @Test
  void aClassThatLacksAnotherIsReportedAndTheOthersLoad() throws Exception {
    one.withClass("NeedsHelperDevice")
        .withClass("GoodDevice")
        .withService(DeviceTypeProvider.class, "NeedsHelperDevice", "GoodDevice");
    Plugins plugins = PluginFolder.load(one.url());
    assertThat(plugins.deviceTypes().names()).containsExactly("good-device");
    assertThat(plugins.problems()).singleElement().asString().contains("Helper");

    Plugins complete = PluginFolder.load(one.withClass("Helper").url());
    assertThat(complete.problems()).isEmpty();
    assertThat(complete.deviceTypes().names()).containsExactly("helped-device", "good-device");
  }

  @Test
  void aFileThatNamesNoProviderIsReportedAndTheOthersLoad() throws Exception {
    one.withService(DeviceTypeProvider.class, "java.lang.String", "what is . this");
    two.withClass("GoodDevice").withService(DeviceTypeProvider.class, "GoodDevice");
    Plugins plugins = PluginFolder.load(one.url(), two.url());
    assertThat(plugins.deviceTypes().names()).containsExactly("good-device");
    assertThat(plugins.problems()).isNotEmpty();
  }

  @Test
  void aPluginThatCannotSayItsNameIsReportedInOneLine() throws Exception {
    one.withClass("NamelessDevice")
        .withClass("ThrowingNameDevice")
        .withClass("DeepNameDevice")
        .withClass("GoodDevice")
        .withService(
            DeviceTypeProvider.class,
            "NamelessDevice",
            "ThrowingNameDevice",
            "DeepNameDevice",
            "GoodDevice");
    Plugins plugins = PluginFolder.load(one.url());
    assertThat(plugins.deviceTypes().names()).containsExactly("good-device");
    assertThat(plugins.problems())
        .containsExactly(
            LEFT_OUT + "IllegalArgumentException: " + sample("NamelessDevice") + " has no name",
            LEFT_OUT + "IllegalStateException: no name today nor tomorrow",
            LEFT_OUT + "StackOverflowError");
  }

  @Test
  void aNameThatIsTakenTwiceIsAnErrorThatNamesBothOriginsAndNoOtherNameIs() throws Exception {
    one.withClass("GoodDevice")
        .withClass("GoodViommu")
        .withService(DeviceTypeProvider.class, "GoodDevice")
        .withService(VirtualIommuProvider.class, "GoodViommu");
    two.withClass("SameNameDevice").withService(DeviceTypeProvider.class, "SameNameDevice");
    URL jar = two.jar();
    String clash =
        "two plugins are named good-device: "
            + sample("GoodDevice")
            + " from "
            + one.url().getPath()
            + " and "
            + sample("SameNameDevice")
            + " from "
            + jar.getPath()
            + ", expected one";

    Plugins plugins = PluginFolder.load(one.url(), jar);

    assertThat(plugins.problems()).containsExactly(clash);
    assertThat(plugins.virtualIommus().named("vIOMMU", "good-viommu")).isNotNull();
    assertThat(plugins.deviceTypes().isOffered("good-device")).isTrue();
    assertThat(plugins.deviceTypes().find("good-device")).isEmpty();
    assertThat(plugins.deviceTypes().describe()).isEmpty();
    assertThatThrownBy(() -> plugins.deviceTypes().named("device type", "good-device"))
        .isInstanceOf(InputException.class)
        .hasMessage(clash);
  }

  @Test
  void aClassThatIsFoundTwiceCountsOnce() throws Exception {
    one.withClass("GoodDevice").withService(DeviceTypeProvider.class, "GoodDevice");
    two.withClass("GoodDevice").withService(DeviceTypeProvider.class, "GoodDevice");
    Plugins plugins = PluginFolder.load(one.url(), two.url());
    assertThat(plugins.deviceTypes().names()).containsExactly("good-device");
    assertThat(plugins.problems()).isEmpty();
  }

  @Test
  void aViommuUnderTheWrongServiceIsReported() throws Exception {
    one.withClass("GoodViommu")
        .withService(DeviceTypeProvider.class, "GoodViommu")
        .withService(VirtualIommuProvider.class, "GoodViommu");
    Plugins plugins = PluginFolder.load(one.url());
    assertThat(plugins.deviceTypes().names()).isEmpty();
    assertThat(plugins.virtualIommus().names()).containsExactly("good-viommu");
    assertThat(plugins.problems())
        .singleElement()
        .asString()
        .endsWith(
            sample("GoodViommu")
                + " is a vIOMMU model, expected it as a service "
                + VirtualIommuProvider.class.getName());
  }

  @Test
  void eachLoadLooksAnew() throws Exception {
    one.withClass("GoodDevice").withService(DeviceTypeProvider.class, "GoodDevice");
    try (URLClassLoader loader = PluginFolder.loader(one.url())) {
      DeviceTypeProvider first =
          Plugins.load(loader).deviceTypes().find("good-device").orElseThrow();
      DeviceTypeProvider second =
          Plugins.load(loader).deviceTypes().find("good-device").orElseThrow();
      assertThat(first).isNotSameAs(second).hasSameClassAs(second);
    }
  }

  /** Anybody can write the annotation; only what comes with the core counts. */
  @Test
  void aBuiltInProviderIsNotGuardedAndOneFromAnotherClassLoaderIs() throws Exception {
    one.withClass("MarkedDevice").withService(DeviceTypeProvider.class, "MarkedDevice");
    DeviceTypeProvider own = new MarkedDevice();

    assertThat(Plugins.of(List.of(own)).deviceTypes().find("marked-device")).containsSame(own);
    assertThat(PluginFolder.load(one.url()).deviceTypes().find("marked-device").orElseThrow())
        .isInstanceOf(GuardedDeviceType.class);
  }

  @Test
  void whoWatchesIsToldOfEveryCallAndOfItsEnd() throws Exception {
    one.withClass("GoodDevice").withService(DeviceTypeProvider.class, "GoodDevice");
    List<String> told = new ArrayList<>();
    PluginWatch watch =
        new PluginWatch() {
          @Override
          public void asked(String plugin, String call) {
            told.add(plugin + " " + call);
          }

          @Override
          public void answered() {
            told.add("end");
          }
        };
    try (URLClassLoader loader = PluginFolder.loader(one.url())) {
      Plugins.load(loader, watch)
          .deviceTypes()
          .find("good-device")
          .orElseThrow()
          .properties(QemuProfile.V10_2);
    }

    String plugin = "plugin " + sample("GoodDevice");
    assertThat(told)
        .containsExactly(
            plugin + " its constructor",
            "end",
            plugin + " name",
            "end",
            "device type good-device properties",
            "end");
  }

  @Test
  void objectsNeedNoServiceLoader() throws Exception {
    DeviceTypeProvider device = new GoodDevice();
    VirtualIommuProvider viommu = new GoodViommu();
    Plugins plugins = Plugins.of(List.of(viommu, device, new SecondDevice()));
    assertThat(plugins.deviceTypes().names()).containsExactly("good-device", "second-device");
    assertThat(plugins.deviceTypes().describe("good-device").className())
        .isEqualTo(device.getClass().getName());
    assertThat(plugins.virtualIommus().names()).containsExactly("good-viommu");
    assertThat(plugins.problems()).isEmpty();
  }

  @Test
  void objectsMustNotShareANameEither() {
    for (List<DeviceTypeProvider> providers :
        List.of(
            List.<DeviceTypeProvider>of(new GoodDevice(), new SameNameDevice()),
            List.<DeviceTypeProvider>of(new GoodDevice(), new GoodDevice()),
            List.<DeviceTypeProvider>of(new GoodDevice(), new GoodViommu("good-device")))) {
      assertThatThrownBy(() -> Plugins.of(providers))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("two plugins are named good-device: " + sample("GoodDevice"));
    }
  }

  @Test
  void anObjectWithoutANameIsAProgrammingError() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Plugins.of(List.of(new NamelessDevice())))
        .withMessage(sample("NamelessDevice") + " has no name");
  }

  @Test
  void anObjectThatThrowsIsTheCallersAffair() {
    DeviceTypeProvider throwing = mock(DeviceTypeProvider.class);
    when(throwing.name()).thenThrow(new IllegalStateException("mine"));
    assertThatThrownBy(() -> Plugins.of(List.of(throwing))).hasMessage("mine");
  }

  @Test
  void theOriginIsWrittenAsPeopleWritePaths() throws Exception {
    PluginFolder spaced = new PluginFolder(temp.resolve("with blanks & 100%"));
    spaced.withClass("GoodDevice").withService(DeviceTypeProvider.class, "GoodDevice");
    assertThat(PluginFolder.load(spaced.jar()).deviceTypes().describe())
        .containsExactly(
            new PluginDescription(
                "good-device",
                sample("GoodDevice"),
                temp + "/with blanks & 100%.jar",
                Optional.empty()));
  }

  @Test
  void theOriginOfAClassOfTheJdkIsItsModule() {
    assertThat(ProviderSet.origin("text")).isEqualTo("module java.base");
  }
}
