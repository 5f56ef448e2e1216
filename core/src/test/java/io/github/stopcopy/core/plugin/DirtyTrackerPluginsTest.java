package io.github.stopcopy.core.plugin;

import static io.github.stopcopy.core.plugin.PluginFolder.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.samples.GoodDevice;
import io.github.stopcopy.core.plugin.samples.GoodTracker;
import io.github.stopcopy.core.plugin.samples.GoodViommu;
import io.github.stopcopy.core.plugin.samples.SameNameTracker;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dirty trackers are plugins beside the device types and vIOMMU models. */
class DirtyTrackerPluginsTest {

  @TempDir Path temp;
  private PluginFolder one;
  private PluginFolder two;

  @BeforeEach
  void folders() throws IOException {
    one = new PluginFolder(temp.resolve("one"));
    two = new PluginFolder(temp.resolve("two"));
  }

  @Test
  void trackersLoadFromFoldersAndJars() throws Exception {
    one.withClass("GoodTracker").withService(DirtyTrackerProvider.class, "GoodTracker");
    for (URL place : List.of(one.url(), one.jar())) {
      Plugins plugins = PluginFolder.load(place);
      assertThat(plugins.dirtyTrackers().names()).containsExactly("good-tracker");
      assertThat(plugins.dirtyTrackers().find("good-tracker").orElseThrow().description())
          .isEqualTo("a tracker that is never opened");
      assertThat(plugins.dirtyTrackers().describe())
          .containsExactly(
              new PluginDescription(
                  "good-tracker", sample("GoodTracker"), place.getPath(), Optional.empty()));
      assertThat(plugins.deviceTypes().names()).isEmpty();
      assertThat(plugins.problems()).isEmpty();
    }
  }

  @Test
  void aTrackerThatCannotBeLoadedIsReportedAndTheOthersLoad() throws Exception {
    one.withClass("GoodTracker")
        .withClass("GoodDevice")
        .withService(DirtyTrackerProvider.class, "NoSuchTracker", "GoodDevice", "GoodTracker");
    Plugins plugins = PluginFolder.load(one.url());
    assertThat(plugins.dirtyTrackers().names()).containsExactly("good-tracker");
    assertThat(plugins.problems()).hasSize(2);
    assertThat(plugins.problems().get(0)).contains(sample("NoSuchTracker"));
    assertThat(plugins.problems().get(1)).contains(sample("GoodDevice"));
  }

  @Test
  void twoTrackersOfOneNameNameBothOrigins() throws Exception {
    one.withClass("GoodTracker").withService(DirtyTrackerProvider.class, "GoodTracker");
    two.withClass("SameNameTracker").withService(DirtyTrackerProvider.class, "SameNameTracker");
    Plugins plugins = PluginFolder.load(one.url(), two.url());
    assertThatThrownBy(() -> plugins.dirtyTrackers().named("dirty tracker", "good-tracker"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "two plugins are named good-tracker: "
                + sample("GoodTracker")
                + " from "
                + one.url().getPath()
                + " and "
                + sample("SameNameTracker")
                + " from "
                + two.url().getPath()
                + ", expected one");
  }

  @Test
  void aTrackerMayHaveTheNameOfADeviceType() throws Exception {
    one.withClass("GoodDevice").withService(DeviceTypeProvider.class, "GoodDevice");
    Plugins plugins =
        PluginFolder.load(one.url()).withDirtyTrackers(List.of(new GoodTracker("good-device")));
    assertThat(plugins.deviceTypes().names()).containsExactly("good-device");
    assertThat(plugins.dirtyTrackers().names()).containsExactly("good-device");
  }

  @Test
  void objectsComeWithoutTrackersUnlessTheyAreGiven() throws Exception {
    Plugins without = Plugins.of(List.of(new GoodDevice(), new GoodViommu()));
    assertThat(without.dirtyTrackers().names()).isEmpty();
    GoodTracker tracker = new GoodTracker();
    Plugins with = without.withDirtyTrackers(List.of(tracker, new GoodTracker("second")));
    assertThat(with.dirtyTrackers().names()).containsExactly("good-tracker", "second");
    assertThat(with.dirtyTrackers().describe("good-tracker").className())
        .isEqualTo(tracker.getClass().getName());
    assertThat(with.deviceTypes()).isSameAs(without.deviceTypes());
    assertThat(with.virtualIommus()).isSameAs(without.virtualIommus());
    assertThat(without.dirtyTrackers().names()).isEmpty();
  }

  @Test
  void givenTrackersReplaceThoseThatWereFound() throws Exception {
    one.withClass("GoodTracker")
        .withService(DirtyTrackerProvider.class, "GoodTracker", "NoSuchTracker");
    Plugins found = PluginFolder.load(one.url());
    assertThat(found.problems()).hasSize(1);
    Plugins given = found.withDirtyTrackers(List.of(new GoodTracker("mine")));
    assertThat(given.dirtyTrackers().names()).containsExactly("mine");
    assertThat(given.problems()).isEmpty();
  }

  @Test
  void givenTrackersMustHaveNamesOfTheirOwn() throws Exception {
    Plugins plugins = Plugins.of(List.of());
    assertThatThrownBy(
            () -> plugins.withDirtyTrackers(List.of(new GoodTracker(), new SameNameTracker())))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("two plugins are named good-tracker: " + sample("GoodTracker"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plugins.withDirtyTrackers(List.of(new GoodTracker(" "))))
        .withMessage(sample("GoodTracker") + " has no name");
  }
}
