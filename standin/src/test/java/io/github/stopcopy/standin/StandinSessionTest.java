package io.github.stopcopy.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nothing is left behind, and nobody else is disturbed. */
class StandinSessionTest {

  @Test
  void whatWasStartedIsEndedAndItsFilesAreGone() throws Exception {
    Process process;
    List<ProcessHandle> children;
    Path folder;
    StandinSession session = StandinSession.open();
    try (StandinSession other = StandinSession.open()) {
      folder = session.newFolder();
      Files.writeString(folder.resolve("file"), "text");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.getParent())))
          .isEqualTo("rwx------");
      Process another = other.start(new ProcessBuilder("sleep", "100"));
      process = session.start(new ProcessBuilder("sh", "-c", "sleep 100; true"));
      while (process.children().findAny().isEmpty()) {
        Thread.sleep(5);
      }
      children = process.descendants().toList();
      session.close();
      assertThat(process.isAlive()).isFalse();
      assertThat(children).isNotEmpty();
      for (ProcessHandle child : children) {
        child.onExit().get();
      }
      assertThat(folder.getParent()).doesNotExist();
      assertThat(another.isAlive()).isTrue();
      assertThatThrownBy(() -> session.start(new ProcessBuilder("true")))
          .isInstanceOf(IOException.class);
      assertThatThrownBy(session::newFolder).isInstanceOf(IOException.class);
    }
  }
}
