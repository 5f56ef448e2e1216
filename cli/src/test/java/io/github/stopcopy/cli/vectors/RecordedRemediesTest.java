package io.github.stopcopy.cli.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.cli.input.Scenarios;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.json.HostJson;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import io.github.stopcopy.qemu.libvirt.LibvirtDomain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every remedy that is told for a recorded scenario, an example or a recorded domain is made again
 * from its data, which gives the verdict it says: a better one, without the reason it is told
 * against.
 */
class RecordedRemediesTest {

  private static final Path EXAMPLES = Path.of("..", "examples");
  private static final Path DOMAINS = Path.of("..", "qemu", "src", "test", "resources", "libvirt");
  private static final List<VerdictKind> WORST_FIRST =
      List.of(
          VerdictKind.REFUSED,
          VerdictKind.BLOCKED,
          VerdictKind.FAILED,
          VerdictKind.CONDITIONAL,
          VerdictKind.MIGRATABLE);

  private static Verdict verdict(Scenario scenario, boolean remedies, List<RemedyChange> changes)
      throws Exception {
    return MigrationCheck.of(scenario)
        .plugins(PLUGINS)
        .ruleSets(RULES)
        .remedies(remedies)
        .apply(changes)
        .decide();
  }

  private static final Plugins PLUGINS = Plugins.load();
  private static final RuleSets RULES = RuleSets.load();

  @TestFactory
  Stream<DynamicTest> holdWhenTheirDataIsApplied() throws Exception {
    return Vector.recorded().stream()
        .map(vector -> DynamicTest.dynamicTest(vector.id(), () -> holds(scenario(vector.line()))));
  }

  @TestFactory
  Stream<DynamicTest> holdForTheExamplesAndForRecordedDomains() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (String name : List.of("amd-viommu", "big-q35-intel-viommu", "plain-one-vf")) {
      Path folder = EXAMPLES.resolve(name);
      Path args = folder.resolve("qemu.args");
      VmConfig vm = QemuCommandLine.parse(name, Files.readString(args));
      tests.add(test(name, vm, folder));
    }
    Path domain = EXAMPLES.resolve("libvirt-domain");
    String xml = Files.readString(domain.resolve("domain.xml"));
    tests.add(test("libvirt-domain", LibvirtDomain.parse("domain.xml", xml).vm(), domain));
    Path story = EXAMPLES.resolve("kexec-mid-migration").resolve("scenario.jsonl");
    Scenario kexec = scenario(Files.readString(story));
    tests.add(DynamicTest.dynamicTest("kexec-mid-migration", () -> holds(kexec)));
    try (Stream<Path> files = Files.list(DOMAINS)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".stored")).sorted().toList()) {
        VmConfig vm = LibvirtDomain.parse(file.toString(), Files.readString(file)).vm();
        tests.add(
            DynamicTest.dynamicTest(
                file.getFileName().toString(), () -> holds(Scenario.bootAndMigrate(vm))));
      }
    }
    return tests.stream();
  }

  private static DynamicTest test(String name, VmConfig vm, Path folder) throws Exception {
    HostFacts host = HostJson.read("host.json", Files.readString(folder.resolve("host.json")));
    return DynamicTest.dynamicTest(name, () -> holds(Scenario.bootAndMigrate(vm).withHost(host)));
  }

  private static Scenario scenario(String line) throws Exception {
    return Scenarios.read("scenarios", 1, line).scenario();
  }

  private static void holds(Scenario scenario) throws Exception {
    Verdict before = verdict(scenario, true, List.of());
    Set<List<RemedyChange>> tried = new HashSet<>();
    for (Reason reason : before.reasons()) {
      for (Remedy remedy : reason.remedies()) {
        if (tried.add(remedy.changes())) {
          Verdict after = verdict(scenario, false, remedy.changes());
          assertThat(after.kind()).as(remedy.toString()).isEqualTo(remedy.verdict());
          assertThat(after.reasons())
              .as(remedy.toString())
              .extracting(Reason::code)
              .doesNotContain(reason.code());
          assertBetter(before, after, remedy);
        }
      }
    }
  }

  private static void assertBetter(Verdict before, Verdict after, Remedy remedy) {
    int rank = WORST_FIRST.indexOf(after.kind()) - WORST_FIRST.indexOf(before.kind());
    assertThat(rank).as(remedy.toString()).isNotNegative();
    if (rank == 0) {
      assertThat(after.reasons().size()).as(remedy.toString()).isLessThan(before.reasons().size());
    }
  }

  /** The check above is worth something only if many remedies of many kinds are told. */
  @Test
  void areOfEveryKind() throws Exception {
    Set<Class<?>> changes = new HashSet<>();
    Set<RemedyNeed> needs = EnumSet.noneOf(RemedyNeed.class);
    int told = 0;
    for (Vector vector : Vector.recorded()) {
      Verdict verdict = verdict(scenario(vector.line()), true, List.of());
      for (Reason reason : verdict.reasons()) {
        for (Remedy remedy : reason.remedies()) {
          told++;
          needs.addAll(remedy.needs());
          remedy.changes().forEach(change -> changes.add(change.getClass()));
        }
      }
    }
    assertThat(told).isGreaterThan(500);
    assertThat(needs).containsExactlyInAnyOrder(RemedyNeed.values());
    // Only what-if proposes another vIOMMU, one where none is, or another tracker.
    changes.addAll(
        List.of(RemedyChange.Replace.class, RemedyChange.Add.class, RemedyChange.Tracker.class));
    assertThat(changes).containsExactlyInAnyOrder(RemedyChange.class.getPermittedSubclasses());
  }
}
