package io.github.stopcopy.standin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFolderTest {

  private static final int ROUNDS = 30;
  private static final int RUNS = 40;

  @TempDir private Path temporary;

  /** A run that notices that its QEMU has gone tidies up while the session is closed. */
  @Test
  void whatOthersDeleteMeanwhileDoesNotKeepTheRest() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      for (int round = 0; round < ROUNDS; round++) {
        Path folder = Files.createDirectory(temporary.resolve("round" + round));
        List<Path> runs = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
          Path run = Files.createDirectory(folder.resolve("run" + i));
          Files.writeString(run.resolve("log"), "x");
          Files.writeString(run.resolve("trace"), "x");
          runs.add(run);
        }
        Future<?> others =
            pool.submit(() -> {
              for (int i = RUNS - 1; i >= 0; i--) {
                PrivateFolder.delete(runs.get(i));
              }
              return null;
            });
        PrivateFolder.delete(folder);
        others.get();
        assertThat(folder).doesNotExist();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void whatIsNotThereIsDeletedAlready() throws Exception {
    PrivateFolder.delete(temporary.resolve("none"));
    assertThat(temporary).isEmptyDirectory();
  }
}
