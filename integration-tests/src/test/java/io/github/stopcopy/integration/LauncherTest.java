package io.github.stopcopy.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.stopcopy.integration.CommandHome.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The script that starts the command, in unlucky surroundings: exit codes mean what they say, what
 * can be read is read, and builds do not get in each other's way.
 */
@Order(3)
class LauncherTest {

  private static final Path HOSTILE = Checkout.ROOT.resolve("cli/src/test/resources/hostile");
  private static final String CHECK =
      "./stopcopy check --qemu-args examples/plain-one-vf/qemu.args --host"
          + " examples/plain-one-vf/host.json";
  private static final String LOST = "stopcopy: the answer could not be written: ";

  @TempDir private static Path temp;

  private static CommandHome home;

  @TempDir private Path folder;

  @BeforeAll
  static void build() throws Exception {
    home = CommandHome.make(temp.resolve("home"));
    assertThat(home.start("plugins").exitCode()).isZero();
  }

  static List<Jdk> jdks() throws IOException {
    return Jdk.all();
  }

  /** What a shell makes of a line, in the folder of the command. */
  private static Run shell(Map<String, String> environment, String line) throws Exception {
    return CommandHome.run(home.folder(), environment, List.of("bash", "-c", line));
  }

  private static Run shell(String line) throws Exception {
    return shell(Map.of(), line);
  }

  private static void assertMigratable(Run run) {
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("migratable: ");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void exitCodesAreThoseOfTheCommand() throws Exception {
    assertMigratable(shell(CHECK));
    assertThat(shell(CHECK + " --set v1.enable-migration=off || exit $?").exitCode()).isEqualTo(2);
    String blocked = HOSTILE.resolve("namespaced-attribute.xml").toString();
    assertThat(home.start("check", "--libvirt", blocked).exitCode()).isEqualTo(1);
    assertThat(home.start("fly").exitCode()).isEqualTo(2);
  }

  /** With 1 it would be read as "blocked". */
  @ParameterizedTest
  @MethodSource("jdks")
  void javaThatCannotStartIsAnInternalError(Jdk jdk) throws Exception {
    for (String options : List.of("-Xmx1k", "-XX:NoSuchOption", "-version")) {
      Run run =
          shell(Map.of("JDK_JAVA_OPTIONS", options, "JAVA_HOME", jdk.home().toString()), CHECK);
      assertThat(run.exitCode()).as(options).isEqualTo(3);
      assertThat(run.out()).doesNotContain("migratable");
      assertThat(run.err()).contains("stopcopy: Java could not start or died (it ended with ");
    }
  }

  @Test
  void noJavaAtAllIsAnInternalError() throws Exception {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    for (String tool : List.of("readlink", "dirname", "find", "head", "uname")) {
      CommandHome.program(bin.resolve(tool), "#!/bin/sh\nexec " + which(tool) + " \"$@\"\n");
    }
    Run run =
        CommandHome.run(
            home.folder(),
            Map.of("PATH", bin.toString(), "JAVA_HOME", ""),
            List.of("/bin/sh", "./stopcopy", "plugins"));
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).startsWith("stopcopy: no java is found, expected one of version 17");
  }

  private static String which(String tool) throws Exception {
    return shell("command -v " + tool).out().strip();
  }

  @Test
  void javaThatIsKilledIsAnInternalError() throws Exception {
    Run run =
        shell(
            "./stopcopy run - < <(sleep 30) & launcher=$!; while ! java=$(pgrep -P $launcher java);"
                + " do sleep 0.1; done; kill -KILL $java; wait $launcher");
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("Java could not start or died (it ended with 137)");
  }

  @Test
  void whoEndsTheLauncherEndsJava() throws Exception {
    Run run =
        shell(
            "./stopcopy run - < <(sleep 30) & launcher=$!; while ! java=$(pgrep -P $launcher java);"
                + " do sleep 0.1; done; kill -TERM $launcher; wait $launcher; code=$?;"
                + " kill -0 $java 2>/dev/null && echo alive; exit $code");
    assertThat(run.exitCode()).isEqualTo(143);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void anAnswerThatCannotBeWrittenIsNoSuccess() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/full")), "skipped: no /dev/full");
    Run full = shell(CHECK + " >/dev/full");
    assertThat(full.exitCode()).isEqualTo(3);
    assertThat(full.err().lines()).singleElement().asString().startsWith(LOST);
    Run closed = shell(CHECK + " >&-");
    assertThat(closed.exitCode()).isEqualTo(3);
    assertThat(closed.err()).isEqualTo(LOST + "standard output is closed\n");
    assertThat(shell("./stopcopy --help >/dev/full").exitCode()).isEqualTo(3);
    assertThat(shell(CHECK + " 2>&-").exitCode()).isZero();
    assertThat(shell("./stopcopy run - <&-").err()).contains("is empty");
  }

  @Test
  void aReaderThatStopsEarlyStopsTheRunQuietly() throws Exception {
    String line = "{\"id\":\"x\",\"profile\":\"10.2\",\"argv\":[\"-machine\",\"q35\"]}";
    Run run = shell("set -o pipefail; yes '" + line + "' | ./stopcopy run - | head -n 1");
    // "yes" is ended by the signal of its pipe, which is what counts here: it would go on for ever
    assertThat(run.exitCode()).isEqualTo(141);
    assertThat(run.out().lines()).hasSize(1);
    assertThat(run.err()).isEmpty();
    Run check = shell("set -o pipefail; " + CHECK + " | head -n 1");
    assertThat(check.exitCode()).isZero();
    assertThat(check.err()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void pipesAreRead(Jdk jdk) throws Exception {
    String example = "examples/plain-one-vf/";
    assertMigratable(
        shell(
            Map.of("JAVA_HOME", jdk.home().toString()),
            "./stopcopy check --qemu-args <(cat %sqemu.args) --host <(cat %shost.json)"
                .formatted(example, example)));
    String story = "examples/kexec-mid-migration/scenario.jsonl";
    Run run = shell("./stopcopy run <(cat " + story + ")");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo(shell("./stopcopy run " + story).out());
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void namesBeyondAsciiAreReadInAnyLocale(Jdk jdk) throws Exception {
    // By a shell: Java itself may be unable to name them.
    String name = "é ü 網路.args";
    for (String locale : List.of("C", "POSIX", "en_US.UTF-8", "tr_TR.UTF-8", "no_SUCH")) {
      Run run =
          shell(
              Map.of("LC_ALL", locale, "JAVA_HOME", jdk.home().toString()),
              "name=$(printf '\\303\\251 \\303\\274 \\347\\266\\262.args'); cp"
                  + " examples/plain-one-vf/qemu.args \"$name\"; ./stopcopy check --qemu-args"
                  + " \"$name\" --host examples/plain-one-vf/host.json");
      assertThat(run.exitCode()).as(name + ": " + run.err()).isZero();
      assertThat(run.out()).startsWith("migratable: ");
    }
  }

  /** There "i" and "I" are no pair. */
  @Test
  void theLocaleChangesNoAnswer() throws Exception {
    String turkish = "-Duser.language=tr -Duser.country=TR";
    String german = "-Duser.language=de -Duser.country=DE";
    String plain = shell(CHECK).out();
    for (String options : List.of(turkish, german)) {
      Run run = shell(Map.of("JDK_JAVA_OPTIONS", options), CHECK);
      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.out()).isEqualTo(plain);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"run -", "check --qemu-args -", "check --libvirt -", "check --scenario -"})
  void aFolderAsInputIsOneError(String command) throws Exception {
    Run run = shell("./stopcopy " + command + " </");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).singleElement().asString().contains("cannot be read: ");
  }

  /** Each class-data archive fits one JVM only; the other would go without, or take a wrong one. */
  @Test
  void eachJvmHasAnArchiveOfItsOwn() throws Exception {
    for (Jdk jdk : Jdk.all()) {
      assertMigratable(shell(Map.of("JAVA_HOME", jdk.home().toString()), CHECK));
    }
    assertThat(home.archives()).hasSize(Jdk.all().size());
    List<FileTime> made = new ArrayList<>();
    for (Path archive : home.archives()) {
      made.add(Files.getLastModifiedTime(archive));
    }
    for (Jdk jdk : Jdk.all()) {
      assertMigratable(shell(Map.of("JAVA_HOME", jdk.home().toString()), CHECK));
    }
    for (Path archive : home.archives()) {
      assertThat(made.remove(0)).isEqualTo(Files.getLastModifiedTime(archive));
    }
  }

  @Test
  void firstStartsAtOnceBuildOnceAndAllAnswer() throws Exception {
    CommandHome fresh = CommandHome.make(folder.resolve("fresh"));
    // A build that says so when another is under way, and leaves nothing usable until it ends.
    fresh.build(
        "cd \"$(dirname \"$0\")\"; echo build >>builds; mkdir building || echo overlap >>builds;"
            + " mv cli/target/lib lib.kept; sleep 2; mv lib.kept cli/target/lib; rmdir building\n");
    List<Process> starts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ProcessBuilder start =
          new ProcessBuilder(fresh.folder().resolve("stopcopy").toString(), "plugins")
              .redirectOutput(folder.resolve("out" + i).toFile())
              .redirectError(folder.resolve("err" + i).toFile());
      start.environment().put("JAVA_HOME", System.getProperty("java.home"));
      starts.add(start.start());
    }
    for (int i = 0; i < starts.size(); i++) {
      assertThat(starts.get(i).waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(starts.get(i).exitValue())
          .as(Files.readString(folder.resolve("err" + i)))
          .isZero();
      assertThat(folder.resolve("out" + i)).content().contains("intel-iommu");
    }
    assertThat(fresh.folder().resolve("builds")).content().isEqualTo("build\n");
    assertThat(fresh.folder().resolve("cli/target/command.lock")).doesNotExist();
  }

  /** For what the script does before it starts Java: one that looks at what it is given. */
  private Map<String, String> quickJava() throws IOException {
    Path bin = Files.createDirectories(folder.resolve("quick/bin"));
    CommandHome.program(
        bin.resolve("java"),
        """
        #!/bin/sh
        until [ "$1" = -cp ]; do shift; done
        [ -f "$2" ] && [ -d "${2%/*}/lib" ] && exit 64
        echo "no command in $2"
        exit 1
        """);
    return Map.of("JAVA_HOME", bin.getParent().toString());
  }

  @Test
  void aBuildThatDiedDoesNotHoldUpTheNext() throws Exception {
    CommandHome fresh = CommandHome.make(folder.resolve("fresh"));
    Path lock = Files.createDirectories(fresh.folder().resolve("cli/target/command.lock"));
    String host = shell("uname -n").out().strip();
    Files.writeString(lock.resolve("holder"), "999999999 " + host + "\n");
    Run run = fresh.start(quickJava(), "plugins");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(lock).doesNotExist();
  }

  @Test
  void aBuildThatFailsIsAnInternalErrorAndTheNextStartTriesAgain() throws Exception {
    CommandHome fresh = CommandHome.make(folder.resolve("fresh"));
    fresh.build("echo no compiler; exit 1\n");
    for (int i = 0; i < 2; i++) {
      Run run = fresh.start(quickJava(), "plugins");
      assertThat(run.exitCode()).isEqualTo(3);
      assertThat(run.err()).contains("no compiler").endsWith("stopcopy: the build failed\n");
    }
    fresh.build("true\n");
    assertThat(fresh.start(quickJava(), "plugins").exitCode()).isZero();
  }

  /**
   * A command that runs has its jars in a folder that the build of newer sources does not touch.
   */
  @Test
  void aBuildTakesNothingFromACommandThatRuns() throws Exception {
    CommandHome fresh = CommandHome.make(folder.resolve("fresh"));
    assertThat(fresh.start(quickJava(), "plugins").exitCode()).isZero();
    Path before = fresh.command();
    Path source =
        Files.createDirectories(fresh.folder().resolve("core/src/main")).resolve("Newer.java");
    Files.writeString(source, "");
    Files.setLastModifiedTime(
        source, FileTime.fromMillis(System.currentTimeMillis() + TimeUnit.DAYS.toMillis(1)));
    assertThat(fresh.start(quickJava(), "plugins").err()).contains("building");
    assertThat(fresh.command()).isNotEqualTo(before);
    assertThat(before.resolve("lib")).isDirectory();
  }

  /** As somebody else would use it, who may write nothing there and has no home. */
  @Test
  void whereNothingCanBeWrittenWhatWasBuiltAnswers() throws Exception {
    List<String> other = asSomebodyElse();
    CommandHome built = CommandHome.make(folder.resolve("built"));
    assertThat(built.start("plugins").exitCode()).isZero();
    CommandHome never = CommandHome.make(folder.resolve("never"));
    protect(folder);
    try {
      List<String> command = new ArrayList<>(other);
      command.addAll(List.of("/bin/sh", "-c", "exec " + CHECK));
      Map<String, String> poor = Map.of("HOME", "");
      assertMigratable(CommandHome.run(built.folder(), poor, command));

      Path source = built.folder().resolve("pom.xml"); // newer than what was built
      unprotect(built.folder());
      Files.writeString(source, "");
      Files.setLastModifiedTime(
          source, FileTime.fromMillis(System.currentTimeMillis() + TimeUnit.DAYS.toMillis(1)));
      protect(built.folder());
      Run stale = CommandHome.run(built.folder(), poor, command);
      assertThat(stale.exitCode()).as(stale.err()).isZero();
      assertThat(stale.out()).startsWith("migratable: ");
      assertThat(stale.err().lines())
          .singleElement()
          .asString()
          .contains("the sources are newer than what was built, which answers");

      Run none = CommandHome.run(never.folder(), poor, command);
      assertThat(none.exitCode()).isEqualTo(3);
      assertThat(none.err()).contains("not built yet, and nothing can be written in ");
    } finally {
      unprotect(folder);
    }
  }

  /** Root may write everywhere. */
  private static List<String> asSomebodyElse() throws Exception {
    if (!shell("id -u").out().strip().equals("0")) {
      return List.of();
    }
    boolean found = shell("command -v setpriv").exitCode() == 0;
    assumeTrue(found, "skipped: root may write everywhere, and there is no setpriv");
    return List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
  }

  private static void protect(Path folder) throws Exception {
    shell("chmod -R a+rX,a-w '" + folder + "'");
  }

  private static void unprotect(Path folder) throws Exception {
    shell("chmod -R u+w '" + folder + "'");
  }

  /** All inputs that once broke it, one after another: each is answered with what it deserves. */
  @Test
  void hostileInputsAreAnsweredByTheCommandAsItIsInstalled() throws Exception {
    try (Stream<Path> inputs = Files.list(HOSTILE)) {
      for (Path input : inputs.sorted().toList()) {
        boolean xml = input.toString().endsWith(".xml");
        Run run =
            xml
                ? home.start("check", "--libvirt", input.toString())
                : home.start("run", input.toString());
        assertThat(run.exitCode()).as(input + ": " + run.err()).isBetween(0, 2);
        assertThat((run.out() + run.err()).chars())
            .as(input.toString())
            .noneMatch(c -> c != '\n' && Character.isISOControl(c));
        assertThat(run.err()).doesNotContain("internal error", "symbol table", "\tat ");
        assertThat(run.err().lines().count()).isLessThan(3);
      }
    }
  }
}
