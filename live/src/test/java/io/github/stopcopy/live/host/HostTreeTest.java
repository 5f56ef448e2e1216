package io.github.stopcopy.live.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of strangers are read within bounds, and none outside of the root. */
class HostTreeTest {

  @TempDir private Path folder;
  private Tree tree;

  @BeforeEach
  void aSecretLiesOutside() throws Exception {
    Files.writeString(folder.resolve("secret"), "outside");
    tree = new Tree(Files.createDirectories(folder.resolve("root")));
    tree.file("a/b/fact", "inside\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../secret", "../../../../../../secret", "b/../../../secret"})
  void aLinkUpwardsEndsAtTheRoot(String target) throws Exception {
    tree.link("a/link", target);
    assertThat(tree.files().read("a/link")).isEqualTo(new Reading.Missing());
    tree.file("secret", "a file of that name inside");
    assertThat(tree.files().read("a/link").text()).contains("a file of that name inside");
  }

  @Test
  void anAbsoluteLinkIsMeantBelowTheRoot() throws Exception {
    tree.link("link", folder.resolve("secret").toString())
        .link("absolute", "/a/b")
        .link("chain", "absolute/fact");
    assertThat(tree.files().read("link")).isEqualTo(new Reading.Missing());
    assertThat(tree.files().read("absolute/fact").text()).contains("inside");
    assertThat(tree.files().read("chain").text()).contains("inside");
  }

  @Test
  void aFolderThatIsALinkOutwardsIsNotEntered() throws Exception {
    tree.link("a/up", "../..").file("fact", "of the root");
    assertThat(tree.files().read("a/up/secret")).isEqualTo(new Reading.Missing());
    assertThat(tree.files().read("a/up/fact").text()).contains("of the root");
    assertThat(tree.files().list("a/up").names()).containsExactly("a", "fact");
  }

  @Test
  void linksThatGoRoundAreGivenUp() throws Exception {
    tree.link("x", "y").link("y", "x").link("self", "self/self/self");
    assertThat(tree.files().read("x")).isInstanceOf(Reading.Unusable.class);
    assertThat(tree.files().read("self/fact")).isInstanceOf(Reading.Unusable.class);
    assertThat(tree.files().list("x").reading()).isInstanceOf(Reading.Unusable.class);
    assertThat(tree.files().linkedName("x")).contains("y");
  }

  @Test
  void aHugeFileIsReadUpToABound() throws Exception {
    try (RandomAccessFile huge = new RandomAccessFile(folder.resolve("root/huge").toFile(), "rw")) {
      huge.setLength(1L << 42);
    }
    assertThat(tree.files().read("huge")).isInstanceOf(Reading.Unusable.class);
    assertThat(tree.files().head("huge", 100))
        .isInstanceOfSatisfying(
            Reading.Found.class, found -> assertThat(found.bytes()).hasSize(100));
  }

  @Test
  void onlyRegularFilesAreOpened() throws Exception {
    new ProcessBuilder("mkfifo", folder.resolve("root/pipe").toString()).start().waitFor();
    assertThat(tree.files().read("pipe")).isInstanceOf(Reading.Unusable.class); // or it would wait
    assertThat(tree.files().read("a")).isInstanceOf(Reading.Unusable.class);
  }

  @Test
  void whatIsNotThereIsMissing() throws Exception {
    assertThat(tree.files().read("a/b/other")).isEqualTo(new Reading.Missing());
    assertThat(tree.files().read("a/b/fact/below")).isEqualTo(new Reading.Missing());
    assertThat(tree.files().list("nowhere").reading()).isEqualTo(new Reading.Missing());
    assertThat(tree.files().linkedName("a/b/fact")).isEmpty();
  }

  @Test
  void whatOthersMayReadIsDenied() throws Exception {
    tree.file("closed/fact", "x");
    Path closed = folder.resolve("root/closed");
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
    try {
      assumeFalse(Files.isReadable(closed), "root reads everything");
      assertThat(tree.files().read("closed/fact")).isEqualTo(new Reading.Denied());
      assertThat(tree.files().look("closed/fact")).isEqualTo(new Reading.Denied());
    } finally {
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void aCopyThatTarFilledUpEndsAtTheFirstNul() throws Exception {
    tree.file("filled", "0x15b3\n\0\0\0\0\0");
    assertThat(tree.files().read("filled").text()).contains("0x15b3");
  }
}
