package io.github.stopcopy.core.plugin;

import static io.github.stopcopy.core.plugin.PluginFolder.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.samples.GoodDevice;
import io.github.stopcopy.core.plugin.samples.GoodListener;
import io.github.stopcopy.core.plugin.samples.GoodTracker;
import io.github.stopcopy.core.plugin.samples.SameNameListener;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.ListenerScope;
import io.github.stopcopy.core.spi.MemoryListenerProvider;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory listeners are plugins beside the device types, vIOMMUs and dirty trackers. */
class MemoryListenerPluginsTest {

  @TempDir Path temp;
  private PluginFolder one;
  private PluginFolder two;

  @BeforeEach
  void folders() throws IOException {
    one = new PluginFolder(temp.resolve("one"));
    two = new PluginFolder(temp.resolve("two"));
  }

  @Test
  void listenersLoadFromFoldersAndJars() throws Exception {
    one.withClass("GoodListener").withService(MemoryListenerProvider.class, "GoodListener");
    for (URL place : List.of(one.url(), one.jar())) {
      Plugins plugins = PluginFolder.load(place);
      assertThat(plugins.memoryListeners().names()).containsExactly("good-listener");
      assertThat(plugins.memoryListeners().find("good-listener").orElseThrow().description())
          .isEqualTo("a listener that is never opened");
      assertThat(plugins.memoryListeners().describe())
          .containsExactly(
              new PluginDescription(
                  "good-listener", sample("GoodListener"), place.getPath(), Optional.empty()));
      assertThat(plugins.dirtyTrackers().names()).isEmpty();
      assertThat(plugins.problems()).isEmpty();
    }
  }

  @Test
  void aListenerThatCannotBeLoadedIsReportedAndTheOthersLoad() throws Exception {
    one.withClass("GoodListener")
        .withService(MemoryListenerProvider.class, "NoSuchListener", "GoodListener");
    Plugins plugins = PluginFolder.load(one.url());
    assertThat(plugins.memoryListeners().names()).containsExactly("good-listener");
    assertThat(plugins.problems()).singleElement().asString().contains(sample("NoSuchListener"));
  }

  @Test
  void twoListenersOfOneNameNameBothOrigins() throws Exception {
    one.withClass("GoodListener").withService(MemoryListenerProvider.class, "GoodListener");
    two.withClass("SameNameListener").withService(MemoryListenerProvider.class, "SameNameListener");
    Plugins plugins = PluginFolder.load(one.url(), two.url());
    assertThatThrownBy(() -> plugins.memoryListeners().named("memory listener", "good-listener"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("two plugins are named good-listener: " + sample("GoodListener"))
        .hasMessageContaining(two.url().getPath());
  }

  @Test
  void givenListenersReplaceThoseThatWereFoundAndNothingElse() throws Exception {
    one.withClass("GoodListener")
        .withClass("GoodTracker")
        .withService(DirtyTrackerProvider.class, "GoodTracker")
        .withService(MemoryListenerProvider.class, "GoodListener", "NoSuchListener");
    Plugins found = PluginFolder.load(one.url());
    assertThat(found.problems()).hasSize(1);
    Plugins given = found.withMemoryListeners(List.of(new GoodListener("mine")));
    assertThat(given.memoryListeners().names()).containsExactly("mine");
    assertThat(given.dirtyTrackers()).isSameAs(found.dirtyTrackers());
    assertThat(given.problems()).isEmpty();
    assertThat(given.withDirtyTrackers(List.of(new GoodTracker())).memoryListeners())
        .isSameAs(given.memoryListeners());
  }

  @Test
  void objectsComeWithoutListenersUnlessTheyAreGiven() throws Exception {
    Plugins without = Plugins.of(List.of(new GoodDevice()));
    assertThat(without.memoryListeners().names()).isEmpty();
    assertThatThrownBy(
            () -> without.withMemoryListeners(List.of(new GoodListener(), new SameNameListener())))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("two plugins are named good-listener: ");
  }

  @Test
  void aListenerFollowsDevicesUnlessItSaysOtherwise() {
    assertThat(new GoodListener().scopes()).containsExactly(ListenerScope.DEVICES);
  }
}
