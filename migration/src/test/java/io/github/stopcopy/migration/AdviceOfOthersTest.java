package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.P2P;
import static io.github.stopcopy.migration.TestVm.SEED;
import static io.github.stopcopy.migration.TestVm.can;
import static io.github.stopcopy.migration.TestVm.container;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.MachineMemory;
import io.github.stopcopy.core.config.MemoryPlan;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.RegionKind;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostDevice.DmaLogging;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySetting;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.spi.Finding;
import io.github.stopcopy.migration.spi.FindingLevel;
import io.github.stopcopy.migration.spi.MigrationRule;
import io.github.stopcopy.migration.spi.PlayedVm;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.RuleSetProvider;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmRule;
import io.github.stopcopy.migration.spi.VmView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What a rule set of somebody else sees of a VM, and which of its proposals are told. */
class AdviceOfOthersTest {

  private static final HostFacts CAPABLE = host(Map.of(A, can(P2P), B, can(P2P)));

  /** A set with one rule about the VM. */
  private record OfVm(VmRule rule) implements RuleSetProvider {
    @Override
    public String name() {
      return "theirs";
    }

    @Override
    public List<MigrationRule> rules(QemuProfile profile) {
      return List.of();
    }

    @Override
    public List<VmRule> vmRules(QemuProfile profile) {
      return List.of(rule);
    }
  }

  private static List<Advice> advice(VmConfig vm, HostFacts host, VmRule rule)
      throws InputException {
    return advice(SEED, vm, host, rule);
  }

  private static List<Advice> advice(QemuProfile profile, VmConfig vm, HostFacts host, VmRule rule)
      throws InputException {
    return MigrationCheck.of(vm)
        .host(host)
        .profile(profile)
        .plugins(plugins())
        .ruleSets(RuleSets.of(List.of(new OfVm(rule))))
        .remedies(false)
        .adviceFrom("theirs")
        .decide()
        .advice();
  }

  private static VmRule.Found found(String text, RemedyChange... changes) {
    return new VmRule.Found(
        Optional.empty(),
        new Finding("THEIRS", FindingLevel.NOTE, "", text, List.of(), List.of(changes)));
  }

  private static String seen(VmConfig vm, Function<PlayedVm, Object> look) throws InputException {
    List<Advice> advice =
        advice(vm, CAPABLE, played -> List.of(found(String.valueOf(look.apply(played)))));
    assertThat(advice).hasSize(1);
    return advice.get(0).finding().explanation();
  }

  @Test
  void aRuleSeesTheVmAsItWasPlayed() throws InputException {
    VmConfig vm = q35(vfio(A, "x-migration-iommu-pt=on"), vfio(B));
    assertThat(seen(vm, PlayedVm::ramSize)).isEqualTo(Long.toString(2 * GIB));
    assertThat(seen(vm, PlayedVm::profile)).isEqualTo("8.1-iommu-pt");
    assertThat(
            seen(
                vm,
                played ->
                    played.migratableDevices().stream()
                        .map(VfioDeviceView::name)
                        .sorted()
                        .toList()))
        .isEqualTo(List.of(A, B).toString());
    assertThat(seen(vm, PlayedVm::allIommuPassthrough)).isEqualTo("false");
    assertThat(seen(q35(vfio(A, "x-migration-iommu-pt=on")), PlayedVm::allIommuPassthrough))
        .isEqualTo("true");
    assertThat(seen(vm, played -> Long.toHexString(played.lastAddress().orElse(0))))
        .isEqualTo("7fffffff");
    assertThat(seen(vm, PlayedVm::isRunning)).isEqualTo("true");
    assertThat(seen(q35(vfio(A), vfio(A)), PlayedVm::isRunning)).isEqualTo("false");
    assertThat(seen(q35(vfio(A), vfio(A)), PlayedVm::lastAddress)).isEqualTo("OptionalLong.empty");
  }

  /** Which of the changes that a rule always proposes is told; the finding never goes away. */
  @Test
  void aChangeAfterWhichTheFindingIsStillThereIsNotTold() throws InputException {
    RemedyChange change = new RemedyChange.Set("v1", "x-no-mmap", "on");
    List<Advice> always = advice(q35(vfio(A)), CAPABLE, vm -> List.of(found("always", change)));
    assertThat(always.get(0).finding().changes()).isEmpty();
    assertThat(always.get(0).command()).isEmpty();

    List<Advice> once = told(q35(vfio(A)), CAPABLE, change);
    assertThat(once.get(0).finding().changes()).containsExactly(change);
    assertThat(once.get(0).command()).contains("--set v1.x-no-mmap=on");
  }

  /** A finding that is there until the VM has the change. */
  private static List<Advice> told(VmConfig vm, HostFacts host, RemedyChange change)
      throws InputException {
    return advice(vm, host, until(vm, change));
  }

  private static VmRule until(VmConfig before, RemedyChange change) {
    return played ->
        played.config().devices().equals(before.devices())
            ? List.of(found("once", change))
            : List.of();
  }

  private static List<RemedyChange> proven(VmConfig vm, HostFacts host, RemedyChange change)
      throws InputException {
    List<Advice> advice = told(vm, host, change);
    assertThat(advice).hasSize(1);
    return advice.get(0).finding().changes();
  }

  @Test
  void aChangeThatMakesTheAnswerWorseIsNotTold() throws InputException {
    assertThat(proven(q35(vfio(A)), CAPABLE, new RemedyChange.Set("v1", "enable-migration", "off")))
        .isEmpty();
  }

  @Test
  void aChangeThatCannotBePlayedIsNotTold() throws InputException {
    assertThat(proven(q35(vfio(A)), CAPABLE, new RemedyChange.Set("nobody", "x", "y"))).isEmpty();
  }

  /** From blocked to blocked: another reason would only take the place of the first. */
  @Test
  void aChangeThatPutsOneReasonInPlaceOfAnotherIsNotTold() throws InputException {
    VmConfig blocked = q35(intel(), vfio(A));
    assertThat(proven(blocked, CAPABLE, new RemedyChange.Set("v1", "enable-migration", "off")))
        .isEmpty();
    RemedyChange harmless = new RemedyChange.Set("v1", "x-no-mmap", "on");
    assertThat(proven(blocked, CAPABLE, harmless)).containsExactly(harmless);
  }

  /** From blocked to conditional: a new condition is less than a blocker. */
  @Test
  void aStepUpMayBringAConditionWithIt() throws InputException {
    RemedyChange option = new RemedyChange.Set("v1", "x-migration-iommu-pt", "on");
    assertThat(proven(q35(intel(), vfio(A)), CAPABLE, option)).containsExactly(option);
  }

  /** Nobody tracks: QEMU would lose what the device writes, without a word (R-OBS-141). */
  @Test
  void R_OBS_141_aStepUpThatLosesDataIsNotTold() throws InputException {
    HostFacts nobody =
        host(
            container(false, Optional.empty(), Optional.empty(), false),
            Map.of(A, can(P2P, DmaLogging.NONE)));
    RemedyChange insist = new RemedyChange.Set("v1", "enable-migration", "on");
    VmConfig vm = q35(vfio(A));
    assertThat(advice(TestVm.V10, vm, nobody, until(vm, insist)))
        .singleElement()
        .extracting(one -> one.finding().changes())
        .isEqualTo(List.of());
    HostFacts container =
        host(
            container(true, Optional.empty(), Optional.empty(), false),
            Map.of(A, can(P2P, DmaLogging.NONE)));
    assertThat(advice(TestVm.V10, vm, container, until(vm, insist)))
        .as("where the container tracks it is")
        .singleElement()
        .extracting(one -> one.finding().changes())
        .isEqualTo(List.of(insist));
  }

  /** A set with one rule about each device, which only devices in a migration are asked. */
  private record OfDevice(MigrationRule rule) implements RuleSetProvider {
    @Override
    public String name() {
      return "theirs";
    }

    @Override
    public List<MigrationRule> rules(QemuProfile profile) {
      return List.of(rule);
    }
  }

  @Test
  void whatAGuardedRuleAsksForIsAskedOfTheRule() throws InputException {
    for (boolean needs : new boolean[] {true, false}) {
      MigrationRule rule =
          new MigrationRule() {
            @Override
            public boolean needsMigrationObject() {
              return needs;
            }

            @Override
            public RuleOutcome apply(VfioDeviceView device, VmView vm) {
              return RuleOutcome.pass();
            }
          };
      RuleSetProvider set = RuleSets.of(List.of(new OfDevice(rule))).named("theirs");
      assertThat(set.name()).isEqualTo("theirs");
      assertThat(set.rules(SEED)).hasSize(1);
      assertThat(set.rules(SEED).get(0).needsMigrationObject()).isEqualTo(needs);
    }
  }

  @Test
  void theWordsForProgramsStay() {
    assertThat(ProfileOrigin.values())
        .extracting(ProfileOrigin::word)
        .containsExactly("given", "input", "assumed");
    assertThat(Proof.Result.values())
        .extracting(Proof.Result::word)
        .containsExactly("agrees", "differs", "not-proven");
  }

  /** Memory of a device counts as RAM does, registers do not. */
  @Test
  void theLastAddressIsThatOfMemory() throws InputException {
    PlacedRegion ram = row("ram0", RegionKind.RAM, 0, 0x7fffffffL);
    PlacedRegion bar = row("bar", RegionKind.RAM_DEVICE, 0xe0000000L, 0xe0000fffL);
    PlacedRegion registers = row("hpet", RegionKind.IO, 0xfed00000L, 0xfed003ffL);
    List<PlacedRegion> dump = List.of(ram, bar, registers);
    VmConfig vm =
        q35()
            .memory(
                MachineMemory.fixed(
                    new MemoryPlan(List.of(ram), List.of(ram), Optional.of(dump), 4 * GIB, GIB)))
            .build();

    assertThat(seen(vm, played -> Long.toHexString(played.lastAddress().orElse(0))))
        .isEqualTo("e0000fff");
  }

  private static PlacedRegion row(String name, RegionKind kind, long first, long last) {
    return new PlacedRegion(name, kind, new AddressRange(first, last), 0, false);
  }

  /** A device that does not say it has what {@code -global} says. */
  @Test
  void aSettingMayBeThatOfAllDevicesOfAType() throws InputException {
    VmConfig vm =
        q35()
            .devices(List.of(vfio(A)))
            .global(new GlobalProperty("vfio-pci", PropertySetting.of("x-no-mmap", "on")))
            .build();
    VmConfig own =
        q35()
            .devices(List.of(vfio(A, "x-no-mmap=off")))
            .global(new GlobalProperty("vfio-pci", PropertySetting.of("x-no-mmap", "on")))
            .build();
    Function<PlayedVm, Object> noMmap =
        played -> played.setting(played.vfioConfigs().get(0), "x-no-mmap");

    assertThat(seen(vm, noMmap)).isEqualTo("Optional[on]");
    assertThat(seen(own, noMmap)).isEqualTo("Optional[off]");
    assertThat(seen(q35(vfio(A)), noMmap)).isEqualTo("Optional.empty");
  }
}
