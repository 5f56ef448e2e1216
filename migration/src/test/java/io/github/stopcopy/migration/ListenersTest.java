package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.C;
import static io.github.stopcopy.migration.TestVm.GIB;
import static io.github.stopcopy.migration.TestVm.host;
import static io.github.stopcopy.migration.TestVm.intel;
import static io.github.stopcopy.migration.TestVm.pc;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.QemuAbort;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.event.ModelEvent;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.MemoryListener;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.memory.MemorySection;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.GuestAction;
import io.github.stopcopy.core.spi.ListenerConfig;
import io.github.stopcopy.core.spi.ListenerScope;
import io.github.stopcopy.core.spi.MemoryListenerProvider;
import io.github.stopcopy.core.spi.ReportingListener;
import io.github.stopcopy.migration.vm.ListenerReport;
import io.github.stopcopy.migration.vm.ListenerRequest;
import io.github.stopcopy.migration.vm.Vm;
import io.github.stopcopy.migration.vm.VmBuilder;
import io.github.stopcopy.vfiopci.event.VfioEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Memory listeners that look on: what they see, when, and that they change nothing. */
class ListenersTest {

  private final List<String> told = new ArrayList<>();
  private final List<ModelEvent> events = new ArrayList<>();

  /** Notes what it is told under a name; what it answers to logGlobalStart must not count. */
  private class Noting implements ReportingListener {
    final String who;

    Noting(String who) {
      this.who = who;
    }

    void note(String what) {
      told.add(who + what);
    }

    /** Not of I/O, which VFIO skips (R-LST-10). */
    private void note(MemorySection section, String what) {
      if (!(section.region() instanceof MemoryRegion.Io)) {
        note(what + section.range());
      }
    }

    @Override
    public void regionAdd(MemorySection section) {
      note(section, " region_add ");
    }

    @Override
    public void regionDel(MemorySection section) {
      note(section, " region_del ");
    }

    @Override
    public void logSync(MemorySection section) {
      note(" log_sync");
    }

    @Override
    public Optional<QemuError> logGlobalStart() {
      note(" log_global_start");
      return Optional.of(QemuError.of(Errno.EIO, "no"));
    }

    @Override
    public void logGlobalStop() {
      note(" log_global_stop");
    }

    @Override
    public List<String> report() {
      return List.of("told by " + who);
    }
  }

  private interface Opening {
    MemoryListener open(ListenerConfig config) throws InputException;
  }

  private static MemoryListenerProvider provider(
      String name, Set<ListenerScope> scopes, Opening opening) {
    return new MemoryListenerProvider() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public String description() {
        return "a listener for tests";
      }

      @Override
      public Set<ListenerScope> scopes() {
        return scopes;
      }

      @Override
      public MemoryListener open(ListenerConfig config) throws InputException {
        return opening.open(config);
      }
    };
  }

  private MemoryListenerProvider noting(ListenerScope... scopes) {
    return provider(
        "noting", Set.of(scopes), config -> new Noting(config.device().orElse("processor")));
  }

  private VmBuilder vm(VmConfig config, MemoryListenerProvider provider) throws InputException {
    return Vm.builder(config)
        .plugins(plugins().withMemoryListeners(List.of(provider)))
        .events(events::add)
        .listener(ListenerRequest.of(provider.name()));
  }

  private List<String> sectionsOfVfio() {
    List<String> sections = new ArrayList<>();
    for (ModelEvent event : events) {
      if (event instanceof VfioEvent.SectionChanged changed) {
        sections.add((changed.added() ? " region_add " : " region_del ") + changed.range());
      }
    }
    return sections;
  }

  @ParameterizedTest
  @EnumSource(QemuProfile.class)
  void R_AS_51_aListenerOfADeviceSeesTheSectionsThatVfioSees(QemuProfile profile) throws Exception {
    Vm vm = vm(q35(intel(), vfio(A)), noting(ListenerScope.DEVICES)).profile(profile).build();
    vm.boot();
    PciAddress requester = vm.requester(vm.vfioDevices().get(0));
    vm.guest(new GuestAction.WriteContext(requester, GuestAction.ContextMode.TRANSLATE, 48));
    vm.guest(new GuestAction.SetRoot());
    vm.guest(new GuestAction.Enable());
    vm.guest(new GuestAction.Disable());
    vm.memoryAdd("d1", GIB, Optional.empty());

    List<String> seen = new ArrayList<>(told);
    seen.replaceAll(line -> line.substring(A.length()));
    assertThat(seen).isEqualTo(sectionsOfVfio());
    assertThat(seen).hasSizeGreaterThan(6);
  }

  @Test
  void R_AS_70_loggingAndSyncsReachItAndItsErrorCountsForNothing() throws Exception {
    Vm vm = vm(q35(vfio(A)), noting(ListenerScope.DEVICES)).build();
    vm.boot();
    told.clear();

    assertThat(vm.migrate(Set.of(), true)).isEmpty();
    assertThat(vm.migrationStatus().qapiName()).isEqualTo("active");
    vm.syncDirtyPages();
    vm.cancelMigration();

    assertThat(told).startsWith(A + " log_global_start").endsWith(A + " log_global_stop");
    assertThat(told).contains(A + " log_sync");
  }

  @Test
  void R_AS_60_aDeviceThatIsPluggedLaterHasAListenerOfItsOwnThatEndsWithIt() throws Exception {
    Vm vm = vm(pc(vfio(A)), noting(ListenerScope.DEVICES)).build();
    vm.boot();
    told.clear();

    assertThat(vm.deviceAdd(vfio(B))).isEmpty();
    assertThat(told).containsExactly(B + " region_add [0x0,0x7fffffff]");
    vm.memoryAdd("d1", GIB, Optional.empty());
    assertThat(told)
        .endsWith(
            A + " region_add [0x100000000,0x13fffffff]",
            B + " region_add [0x100000000,0x13fffffff]");
    told.clear();
    vm.deviceDel("v2", true);
    assertThat(told)
        .containsExactly(
            B + " region_del [0x0,0x7fffffff]", B + " region_del [0x100000000,0x13fffffff]");
    vm.memoryAdd("d2", GIB, Optional.empty());
    assertThat(told).hasSize(3).last().asString().startsWith(A + " region_add ");
    assertThat(vm.listeners().reports())
        .containsExactly(
            new ListenerReport("noting", Optional.of(A), List.of("told by " + A)),
            new ListenerReport("noting", Optional.of(B), List.of("told by " + B)));
  }

  @Test
  void theProcessorsListenerIsThereBeforeTheVmIsBooted() throws Exception {
    Vm vm =
        vm(q35(intel(), vfio(A)), noting(ListenerScope.PROCESSOR, ListenerScope.DEVICES)).build();
    vm.boot();

    assertThat(told.get(0)).isEqualTo("processor region_add [0x0,0x7fffffff]");
    assertThat(told).contains(A + " region_add [0x0,0x7fffffff]");
    assertThat(vm.listeners().reports())
        .extracting(ListenerReport::device)
        .containsExactly(Optional.empty(), Optional.of(A));
  }

  @Test
  void oneThatAsksForTheProcessorOnlyIsNotOpenedForDevices() throws Exception {
    Vm vm = vm(q35(vfio(A)), noting(ListenerScope.PROCESSOR)).build();
    vm.boot();

    assertThat(told).isNotEmpty().allMatch(line -> line.startsWith("processor "));
  }

  @Test
  void R_PROP_22_aDeviceThatVfioNeverFollowsIsNotFollowed() throws Exception {
    Vm vm = vm(q35(vfio(A)), noting(ListenerScope.DEVICES)).build();
    vm.boot();
    told.clear();

    assertThat(vm.deviceAdd(TestVm.device("vfio-pci", "again", "host=" + A))).isPresent();
    assertThat(told).isEmpty();
  }

  @Test
  void aDeviceThatIsRefusedAfterItWasFollowedIsLetGo() throws Exception {
    Vm vm =
        vm(q35(intel("caching-mode=off"), vfio(A)), noting(ListenerScope.DEVICES))
            .host(HostFacts.CAPABLE)
            .build();
    vm.boot();

    assertThat(vm.exitCode()).hasValue(1);
    assertThat(told)
        .containsExactly(A + " region_add [0x0,0x7fffffff]", A + " region_del [0x0,0x7fffffff]");
  }

  @Test
  void R_LST_60_itSeesWhatQemuDiesOf() throws Exception {
    HostContainer capable = HostContainer.CAPABLE;
    HostContainer oneMapping =
        new HostContainer(
            true,
            capable.pageSizes(),
            capable.dirtyPageSizes(),
            capable.maxDirtyBitmapSize(),
            1,
            true,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    Vm vm =
        vm(q35(vfio(A)), noting(ListenerScope.DEVICES)).host(host(oneMapping, Map.of())).build();
    vm.boot();
    vm.memoryAdd("d1", GIB, Optional.empty());

    assertThat(vm.exitCode()).hasValue(-6);
    assertThat(told).endsWith(A + " region_add [0x100000000,0x13fffffff]");
  }

  private Verdict verdict(MemoryListenerProvider provider, QemuProfile profile)
      throws InputException {
    return MigrationCheck.of(q35(intel(), vfio(A), vfio(B), vfio(C)))
        .profile(profile)
        .plugins(plugins().withMemoryListeners(List.of(provider)))
        .ruleSets(RuleSets.of(List.of()))
        .listener(ListenerRequest.of(provider.name()))
        .decide();
  }

  @Test
  void oneThatThrowsIsOneProblemAndIsNotCalledAgain() throws Exception {
    for (RuntimeException thrown :
        List.of(new IllegalStateException("broken\nin two lines"), new QemuAbort())) {
      told.clear();
      MemoryListenerProvider throwing =
          provider(
              "bad",
              Set.of(ListenerScope.DEVICES),
              config ->
                  new Noting(config.device().orElse("")) {
                    @Override
                    public void regionAdd(MemorySection section) {
                      super.regionAdd(section);
                      throw thrown;
                    }
                  });
      Verdict verdict = verdict(throwing, QemuProfile.V10_2);
      Verdict without = verdict(noting(), QemuProfile.V10_2);

      assertThat(told).as("calls for three devices").hasSize(1);
      assertThat(verdict.problems())
          .singleElement()
          .asString()
          .startsWith(
              "memory listener bad failed and is left out: regionAdd threw "
                  + thrown.getClass().getSimpleName())
          .doesNotContain("\n");
      assertThat(verdict.listeners()).isEmpty();
      assertThat(verdict.kind()).isEqualTo(without.kind());
      assertThat(verdict.reasons()).isEqualTo(without.reasons());
      assertThat(verdict.steps()).isEqualTo(without.steps());
    }
  }

  @Test
  void oneThatCannotBeOpenedOrReportIsAProblemToo() throws Exception {
    MemoryListenerProvider unopened =
        provider(
            "unopened",
            Set.of(ListenerScope.DEVICES),
            config -> {
              throw new NoClassDefFoundError("com/example/Missing");
            });
    MemoryListenerProvider silent =
        provider(
            "silent",
            Set.of(ListenerScope.DEVICES),
            config ->
                new Noting("") {
                  @Override
                  public List<String> report() {
                    throw new UnsupportedOperationException("no words");
                  }
                });

    assertThat(verdict(unopened, QemuProfile.V10_2).problems())
        .containsExactly(
            "memory listener unopened failed and is left out: open threw NoClassDefFoundError:"
                + " com/example/Missing");
    assertThat(verdict(silent, QemuProfile.V10_2).problems())
        .containsExactly(
            "memory listener silent failed and is left out: report threw"
                + " UnsupportedOperationException: no words");
  }

  @Test
  void remediesAreTriedWithoutIt() throws Exception {
    List<Optional<String>> opened = new ArrayList<>();
    MemoryListenerProvider counting =
        provider(
            "counting",
            Set.of(ListenerScope.DEVICES),
            config -> {
              opened.add(config.device());
              return new Noting("");
            });
    Verdict verdict = verdict(counting, TestVm.SEED);

    assertThat(verdict.kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(verdict.reasons().get(0).remedies()).isNotEmpty();
    assertThat(opened)
        .containsExactly(Optional.empty(), Optional.of(A), Optional.of(B), Optional.of(C));
  }

  @Test
  void whatItRefusesIsBadInputAlsoWithoutADevice() {
    MemoryListenerProvider strict =
        provider(
            "strict",
            Set.of(ListenerScope.DEVICES),
            config -> {
              config.allowOnly();
              return new Noting("");
            });
    assertThatThrownBy(() ->
            MigrationCheck.of(q35().build())
                .plugins(plugins().withMemoryListeners(List.of(strict)))
                .listener(new ListenerRequest("strict", Map.of("deep", "yes")))
                .decide())
        .isInstanceOf(InputException.class)
        .hasMessage("memory listener strict: parameter 'deep' is unknown, expected none");
    assertThatThrownBy(() ->
            MigrationCheck.of(q35().build())
                .plugins(plugins().withMemoryListeners(List.of(strict)))
                .listener(ListenerRequest.of("lax"))
                .decide())
        .isInstanceOf(InputException.class)
        .hasMessage("no memory listener is named 'lax', expected one of strict");
  }

  @Test
  void anObjectCanJoinAPlayedVmAndLeaveIt() throws Exception {
    Vm vm = Vm.builder(q35(vfio(A))).plugins(plugins()).build();
    vm.boot();
    Noting mine = new Noting("mine");

    vm.listeners().add(mine, vm.vfioDevices().get(0).container().space());
    assertThat(told).containsExactly("mine region_add [0x0,0x7fffffff]");
    assertThatIllegalStateException()
        .isThrownBy(() -> vm.listeners().add(mine, vm.addressSpaces().get(0)));
    vm.memoryAdd("d1", GIB, Optional.empty());
    assertThat(told).hasSize(2);
    vm.listeners().remove(mine);
    assertThat(told).hasSize(4).last().isEqualTo("mine region_del [0x100000000,0x13fffffff]");
    vm.memoryAdd("d2", GIB, Optional.empty());
    assertThat(told).hasSize(4);
    assertThatIllegalStateException().isThrownBy(() -> vm.listeners().remove(mine));
    assertThat(vm.listeners().problems()).isEmpty();
  }

  @Test
  void anObjectThatThrowsIsNamedByItsClass() throws Exception {
    Vm vm = Vm.builder(q35(vfio(A))).plugins(plugins()).build();
    MemoryListener bad =
        new MemoryListener() {
          @Override
          public void begin() {
            throw new StackOverflowError();
          }
        };
    vm.listeners().add(bad, vm.addressSpaces().get(0));
    vm.boot();

    assertThat(vm.migrate(Set.of(), false)).isEmpty();
    assertThat(vm.listeners().problems())
        .containsExactly(
            "memory listener "
                + bad.getClass().getName()
                + " failed and is left out: begin threw StackOverflowError");
  }
}
