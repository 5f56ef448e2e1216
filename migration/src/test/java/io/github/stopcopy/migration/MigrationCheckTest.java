package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.NO_P2P;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.device;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.verdict;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

import com.google.common.collect.ImmutableMap;
import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.MachineMemory;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.QemuAbort;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.lint.LintRuleSet;
import io.github.stopcopy.migration.rules.QemuRuleSet;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.RuleSetProvider;
import io.github.stopcopy.migration.vm.Vm;
import io.github.stopcopy.vfiopci.devicetype.VfioPciProvider;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The facade: defaults, where plugins come from, and advice beside the answer. */
class MigrationCheckTest {

  private static final VmConfig BLOCKED = q35(intel(), vfio(A));

  private static MigrationCheck check(VmConfig vm) throws InputException {
    return MigrationCheck.of(vm).plugins(plugins()).ruleSets(RuleSets.of(List.of()));
  }

  private record Foreign(String name, List<MigrationRule> list) implements RuleSetProvider {
    @Override
    public List<MigrationRule> rules(QemuProfile profile) {
      return list;
    }
  }

  private static Foreign foreign(MigrationRule... rules) {
    return new Foreign("ours", List.of(rules));
  }

  private static Finding finding(String code) {
    return new Finding(code, "text", "explanation", List.of());
  }

  @Test
  void theDefaultIsTheNewestReleaseOnAHostOfWhichNothingIsKnown() throws Exception {
    Verdict verdict = check(q35(vfio(A))).decide();

    assertThat(verdict.kind()).isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(verdict.profile()).isEqualTo(QemuProfile.V11_1);
    assertThat(verdict.profileOrigin()).isEqualTo(ProfileOrigin.ASSUMED);
    assertThat(verdict.steps()).extracting("step").containsExactly("boot", "snapshot", "migrate");
    assertThat(verdict.reasons()).extracting(Reason::code).containsExactly("HOST_ASSUMED");
    assertThat(verdict.problems()).isEmpty();
    assertThat(verdict.virtualIommu()).isEmpty();
    assertThat(verdict.tracking()).singleElement().extracting("device").isEqualTo(A);
    assertThat(verdict.tracking().get(0).trackedBytes()).isEqualTo(2L << 30);
    assertThat(verdict.tracking().get(0).bitmapBytes()).isEqualTo(64L << 10);
  }

  @Test
  void withoutPluginsServiceLoaderIsAsked() throws Exception {
    Verdict verdict = MigrationCheck.of(BLOCKED).decide();

    assertThat(verdict.kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(verdict.virtualIommu().orElseThrow().addressBits()).isEqualTo(48);
  }

  @Test
  void hostAndProfileAreUsed() throws Exception {
    Verdict verdict =
        check(q35(vfio(A)))
            .host(host(Map.of(A, can(P2P, DmaLogging.NONE))))
            .profile(QemuProfile.V8_2)
            .decide();

    assertThat(verdict.reasons())
        .singleElement()
        .satisfies(reason -> {
          assertThat(reason.code()).isEqualTo("NO_DIRTY_TRACKING");
          assertThat(reason.rules()).containsExactly("R-BLK-24");
        });
  }

  @Test
  void remediesCanBeLeftOut() throws Exception {
    assertThat(check(BLOCKED).decide().reasons().get(0).remedies()).isNotEmpty();
    assertThat(check(BLOCKED).remedies(false).decide().reasons().get(0).remedies()).isEmpty();
  }

  @Test
  void aVIommuNobodyModelsIsAnErrorThatSaysWhatWasFound() throws Exception {
    Plugins frozen = Plugins.of(List.of(new VfioPciProvider(), IdleIommuProvider.frozen()));

    assertThatThrownBy(() -> check(BLOCKED).plugins(frozen).decide())
        .isInstanceOf(InputException.class)
        .hasMessage("no provider for intel-iommu; found: frozen-iommu");
    assertThatThrownBy(
            () -> check(BLOCKED).plugins(Plugins.of(List.of(new VfioPciProvider()))).decide())
        .isInstanceOf(InputException.class)
        .hasMessage("no provider for intel-iommu; found: none");
    assertThatThrownBy(() -> check(q35(vfio(A))).plugins(Plugins.of(List.of())).decide())
        .isInstanceOf(InputException.class)
        .hasMessage("no provider for vfio-pci; found: none");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "toy-iommu",
        "virtio-iommu-device",
        "riscv-iommu-sys",
        "arm-smmuv3-accel",
        "ACME-SMMU",
        "vfio-ap",
        "vfio-ccw",
        "vfio-platform",
        "vfio-amd-xgbe",
        "vfio-user-pci"
      })
  void aVIommuOrVfioDeviceThatNobodyHereHasHeardOfIsTheSameError(String driver) throws Exception {
    MigrationCheck check = check(q35(vfio(A), device(driver, "d0")));

    assertThatThrownBy(check::decide)
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("no provider for " + driver + "; found: ");
  }

  @Test
  void otherDevicesAreKeptAndListedOnce() throws Exception {
    Verdict verdict =
        check(
                q35(
                    vfio(A),
                    device("virtio-net-pci", "d1"),
                    device("iommu-testdev", "d2"),
                    device("virtio-net-pci", "d3"),
                    device("edu", "d4"),
                    device("pcie-root-port", "d5")))
            .host(host(Map.of(A, can(P2P))))
            .decide();

    assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(verdict.warnings()).noneMatch(line -> line.contains("virtio-net-pci"));
  }

  @Test
  void whatNobodySaidIsAssumed() throws Exception {
    VmConfig vm = q35(vfio(A), vfio(B));
    HostFacts ofB = host(Map.of(B, can(NO_P2P)));

    assertThat(check(vm).host(ofB).decide().assumptions())
        .containsExactly(
            new Assumption("qemu", "profile", "11.1", "default"),
            new Assumption(A, "migration", "stop-copy, p2p", "default"),
            new Assumption(A, "dma-logging", "true", "default"),
            new Assumption(A, "group", "a group of its own", "default"),
            new Assumption(A, "bars", "none", "default"),
            new Assumption(B, "group", "a group of its own", "default"),
            new Assumption(B, "bars", "none", "default"));
    HostDevice whole =
        can(NO_P2P).toBuilder().group(1).bar(0, HostDevice.Bar.builder(4096).build()).build();
    HostFacts ofAll = host(Map.of(B, whole));
    assertThat(check(q35(vfio(B))).host(ofAll).profile(QemuProfile.V8_2).decide().assumptions())
        .isEmpty();
    assertThat(check(vm).profile(QemuProfile.V8_2, ProfileOrigin.INPUT).decide().profileOrigin())
        .isEqualTo(ProfileOrigin.INPUT);
  }

  /** 39 bits every processor with an IOMMU has; nobody needs to be told. */
  @ParameterizedTest
  @CsvSource({"39, false", "40, true"})
  void theHostsAddressWidthIsAssumedWhereTheGuestNeedsItAll(int bits, boolean isTold)
      throws Exception {
    MemoryPlan plan =
        new MemoryPlan(List.of(), List.of(), Optional.empty(), 1L << 32, 0, OptionalInt.of(bits));
    Verdict verdict = check(q35().memory(MachineMemory.fixed(plan)).build()).decide();

    Assumption told = new Assumption("host", "cpu-phys-bits", bits + " or more", "default");
    assertThat(verdict.assumptions().contains(told)).isEqualTo(isTold);
    assertThat(verdict.assumptions()).hasSize(isTold ? 2 : 1);
  }

  @Test
  void aMachineTypeThatIsReadAsAnotherIsTold() throws Exception {
    VmConfig vm = q35().machineType("pc-q35-noble").build();

    assertThat(check(vm).decide().warnings())
        .contains(
            "Machine type pc-q35-noble is a distribution's own and read as pc-q35-8.2, from which"
                + " it derives.");
  }

  /** A scenario's host has values for all that it leaves out. */
  @Test
  void ofAScenarioNothingIsAssumed() throws Exception {
    Verdict verdict = verdict(scenario(QemuProfile.V10_2, q35(vfio(A)), HostFacts.CAPABLE));

    assertThat(verdict.assumptions()).isEmpty();
    assertThat(verdict.profileOrigin()).isEqualTo(ProfileOrigin.GIVEN);
  }

  @Test
  void warningsArePartOfTheVerdict() throws Exception {
    HostFacts elsewhere = host(ImmutableMap.of(B, can(P2P), "v1", can(NO_P2P)));

    assertThat(
            check(q35(vfio(A)))
                .host(elsewhere)
                .profile(QemuProfile.V11_0)
                .notes(List.of("a note"))
                .decide()
                .warnings())
        .containsExactly(
            QemuProfile.V11_0.warning().orElseThrow(),
            "a note",
            "Nothing is known of the BARs of "
                + A
                + "; one above 4 GiB would be tracked as well, and one below may lengthen what is"
                + " tracked there. Give --mtree to count them in.",
            "The host's facts describe " + B + ", which is no VFIO device of this VM.",
            "The host's facts describe v1, which is no VFIO device of this VM.");
  }

  /** A note that says more is not said again. */
  @Test
  void thatARecordingIsMissingIsSaidOnce() throws Exception {
    QemuProfile.Choice newer = QemuProfile.choose("99.0");
    List<String> notes = newer.warning().stream().toList();

    assertThat(check(q35().build()).profile(newer.profile()).notes(notes).decide().warnings())
        .isEqualTo(notes);
  }

  @Test
  void aForeignRuleSetRunsOnlyWhenItIsNamed() throws Exception {
    MigrationRule rule = mock(MigrationRule.class);
    check(BLOCKED).ruleSets(RuleSets.of(List.of(foreign(rule)))).decide();
    verifyNoInteractions(rule);

    when(rule.apply(any(), any())).thenReturn(new RuleOutcome.Warn(finding("OURS")));
    Verdict verdict =
        check(BLOCKED)
            .ruleSets(RuleSets.of(List.of(foreign(rule))))
            .adviceFrom("ours")
            .adviceFrom("ours")
            .decide();
    assertThat(verdict.advice())
        .containsExactly(new Advice("ours", Optional.of(A), finding("OURS"), Optional.empty()));
  }

  /** Whatever a foreign rule answers, verdict, reasons and blockers are those without it. */
  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void adviceCannotChangeTheAnswer(QemuProfile profile) throws Exception {
    List<RuleOutcome> outcomes =
        List.of(
            RuleOutcome.pass(),
            new RuleOutcome.Warn(finding("W")),
            new RuleOutcome.BlockDevice(finding("D")),
            new RuleOutcome.BlockVm(finding("V")),
            new RuleOutcome.Refuse(finding("R")));
    List<VmConfig> vms =
        List.of(
            BLOCKED,
            q35(vfio(A)),
            q35(intel(), vfio(A, "enable-migration=on")),
            q35(vfio(A, "enable-migration=off")));
    for (VmConfig vm : vms) {
      Verdict alone = check(vm).profile(profile).decide();
      for (RuleOutcome outcome : outcomes) {
        MigrationRule rule =
            (device, view) -> {
              assertThat((Object) view).isNotInstanceOf(Vm.class);
              return outcome;
            };
        Verdict advised =
            check(vm)
                .profile(profile)
                .ruleSets(RuleSets.of(List.of(foreign(rule))))
                .adviceFrom("ours")
                .decide();

        assertThat(advised.kind()).isEqualTo(alone.kind());
        assertThat(advised.reasons()).isEqualTo(alone.reasons());
        assertThat(advised.tracking()).isEqualTo(alone.tracking());
        assertThat(advised.steps()).isEqualTo(alone.steps());
        assertThat(advised.problems()).isEmpty();
        boolean speaks =
            !(outcome instanceof RuleOutcome.Pass) && alone.kind() != VerdictKind.REFUSED;
        assertThat(advised.advice()).hasSize(speaks ? 1 : 0);
      }
    }
  }

  @Test
  void aRuleSetThatThrowsIsAProblemAndNotTheEnd() throws Exception {
    MigrationRule good = (device, view) -> new RuleOutcome.Warn(finding("W"));
    List<MigrationRule> broken = new ArrayList<>();
    broken.add((device, view) -> {
      throw new IllegalStateException("two\nlines");
    });
    broken.add((device, view) -> {
      throw new NoClassDefFoundError("gone");
    });
    broken.add((device, view) -> {
      throw new QemuAbort();
    });
    List<String> expected =
        List.of(
            "IllegalStateException: two lines",
            "NoClassDefFoundError: gone",
            "QemuAbort: QEMU ended");
    for (int i = 0; i < broken.size(); i++) {
      Verdict verdict =
          check(BLOCKED)
              .ruleSets(RuleSets.of(List.of(foreign(good, broken.get(i)))))
              .adviceFrom("ours")
              .decide();

      assertThat(verdict.kind()).isEqualTo(VerdictKind.BLOCKED);
      assertThat(verdict.advice()).isEmpty();
      assertThat(verdict.problems())
          .containsExactly("rule set 'ours' failed and its advice is left out: " + expected.get(i));
    }
  }

  @Test
  void aRuleWithoutOutcomeIsAProblemToo() throws Exception {
    MigrationRule nothing = mock(MigrationRule.class);
    Verdict verdict =
        check(BLOCKED).ruleSets(RuleSets.of(List.of(foreign(nothing)))).adviceFrom("ours").decide();

    assertThat(verdict.problems())
        .containsExactly("rule set 'ours' failed and its advice is left out: apply answered null");
  }

  @Test
  void twoRuleSetsWithOneNameAreAnErrorThatNamesBothAndWhereTheyComeFrom() {
    assertThatThrownBy(() -> RuleSets.of(List.of(foreign(), foreign())))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("two plugins are named ours")
        .hasMessageContaining("test-classes");
    assertThatThrownBy(() -> RuleSets.of(List.of(new Foreign("qemu", List.of()))))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("two plugins are named qemu")
        .hasMessageContaining(QemuRuleSet.class.getName());
  }

  @Test
  void anUnknownRuleSetIsAnErrorThatListsTheKnown() {
    assertThatThrownBy(() -> check(BLOCKED).adviceFrom("theirs").decide())
        .isInstanceOf(InputException.class)
        .hasMessage("no rule set is named 'theirs', expected one of qemu, lint");
  }

  @Test
  void theServiceFileNamesTheBuiltInSetsAsModuleInfoDoes() throws Exception {
    String file = "META-INF/services/" + RuleSetProvider.class.getName();
    List<String> names = new ArrayList<>();
    try (InputStream in = QemuRuleSet.class.getClassLoader().getResourceAsStream(file)) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank())
          .forEach(names::add);
    }
    Path root =
        Path.of(QemuRuleSet.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> provided = new ArrayList<>();
    try (InputStream in = Files.newInputStream(root.resolve("module-info.class"))) {
      ModuleDescriptor.read(in).provides().forEach(each -> provided.addAll(each.providers()));
    }

    assertThat(names).containsExactly(LintRuleSet.class.getName(), QemuRuleSet.class.getName());
    assertThat(provided).isEqualTo(names);
    assertThat(RuleSets.load().named("qemu")).isInstanceOf(QemuRuleSet.class);
  }

  @Test
  void aNoteThatNamesTheMissingRecordingStandsForIt() throws Exception {
    String note = "chosen for 10.3: " + QemuProfile.V11_0.warning().orElseThrow();

    assertThat(
            check(q35().build())
                .profile(QemuProfile.V11_0)
                .notes(List.of(note))
                .decide()
                .warnings())
        .containsExactly(note);
  }

  /** R-BLK-5: as recordings of binaries have it. */
  @Test
  void R_BLK_5_aLaterRefusalCountsWhereItIsAskedFor() throws Exception {
    Scenario twice =
        TestVm.scenario(
            QemuProfile.V10_2, q35(vfio(A)), HostFacts.CAPABLE, TestVm.migrate(), TestVm.migrate());

    assertThat(MigrationCheck.of(twice).plugins(plugins()).decide().kind())
        .isEqualTo(VerdictKind.MIGRATABLE);
    Verdict counted =
        MigrationCheck.of(twice)
            .plugins(plugins())
            .ruleSets(RuleSets.of(List.of()))
            .countLaterRefusals(true)
            .decide();
    assertThat(counted.kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(counted.reasons().get(0).qemuText())
        .isEqualTo("Can't migrate the vm that was paused due to previous migration");
  }

  /** A remedy for a VM of libvirt says what to write into its XML. */
  @Test
  void aRemedyOfLibvirtsVmIsXml() throws Exception {
    Verdict verdict =
        MigrationCheck.of(q35(vfio(A, "enable-migration=off")))
            .plugins(plugins())
            .fromLibvirt(Set.of())
            .decide();

    assertThat(verdict.reasons().get(0).remedies())
        .anySatisfy(remedy -> assertThat(remedy.libvirt().orElse("")).contains("enable-migration"));
  }

  /** A dump that ends before the VM's RAM does is one of another VM. */
  @Test
  void aDumpOfAnotherVmIsTold() throws Exception {
    List<PlacedRegion> planned =
        List.of(
            new PlacedRegion("ram0", RegionKind.RAM, new AddressRange(0, 0x7fffffffL), 0, false));
    List<PlacedRegion> seen =
        List.of(
            new PlacedRegion("ram0", RegionKind.RAM, new AddressRange(0, 0x3fffffffL), 0, false));
    MemoryPlan plan =
        new MemoryPlan(planned, planned, Optional.of(seen), 4 * TestVm.GIB, 8 * TestVm.GIB);

    assertThat(
            check(TestVm.q35().memory(MachineMemory.fixed(plan)).device(vfio(A)).build())
                .decide()
                .warnings())
        .anyMatch(line ->
            line.startsWith("The memory dump is not of this VM: its RAM should end at 0x7fffffff"));
  }
}
