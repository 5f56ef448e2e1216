package io.github.stopcopy.migration;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.V10;
import static io.github.stopcopy.migration.TestVm.migrate;
import static io.github.stopcopy.migration.TestVm.pc;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.scenario;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.spy;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.dirty.DirtyBitmap;
import io.github.stopcopy.core.dirty.DirtyLog;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.plugin.ProviderSet;
import io.github.stopcopy.core.spi.DirtyTracker;
import io.github.stopcopy.core.spi.DirtyTrackerProvider;
import io.github.stopcopy.core.spi.StartResult;
import io.github.stopcopy.core.spi.TrackerConfig;
import io.github.stopcopy.migration.candidate.AskedTrackers;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.vfiopci.tracker.DeviceLimits;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTracker;
import io.github.stopcopy.vfiopci.tracker.DeviceLogTrackerProvider;
import io.github.stopcopy.vfiopci.tracker.Mlx5TrackerProvider;
import io.github.stopcopy.vfiopci.tracker.PdsTrackerProvider;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;

/** Dirty trackers chosen by name: which device gets which, and what becomes of broken ones. */
class TrackersTest {

  private static final VmConfig TWO_DEVICES = q35(vfio(A), vfio(B));

  private final List<String> opened = new ArrayList<>();

  /** A tracker provider that notes whom it opens for. */
  private final class Provider implements DirtyTrackerProvider {
    private final String name;
    private final Function<TrackerConfig, DirtyTracker> opener;

    Provider(String name, Function<TrackerConfig, DirtyTracker> opener) {
      this.name = name;
      this.opener = opener;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String description() {
      return "a tracker for tests";
    }

    @Override
    public DirtyTracker open(TrackerConfig config) throws InputException {
      config.allowOnly("p");
      opened.add(name + " for " + config.device() + " " + config.parameters());
      return opener.apply(config);
    }
  }

  private Provider honest(String name) {
    return new Provider(name, config -> new DeviceLogTracker(DeviceLimits.NONE));
  }

  private Provider small() {
    return new Provider(
        "small", config -> new DeviceLogTracker(new DeviceLimits(1, 0, 30, 4096, 4096, 64, false)));
  }

  private static MigrationCheck check(VmConfig vm, DirtyTrackerProvider... providers)
      throws InputException {
    return MigrationCheck.of(vm)
        .plugins(plugins().withDirtyTrackers(List.of(providers)))
        .ruleSets(RuleSets.of(List.of()));
  }

  private static TrackerRequest request(String device, String tracker, String... parameter) {
    return new TrackerRequest(
        Optional.of(device),
        tracker,
        parameter.length == 0 ? Map.of() : Map.of(parameter[0], parameter[1]));
  }

  @Test
  void aTrackerForAllAndOneForADeviceByItsId() throws Exception {
    Verdict verdict =
        check(TWO_DEVICES, honest("one"), honest("other"))
            .tracker(TrackerRequest.forAll("one"))
            .tracker(request("v2", "other", "p", "5"))
            .remedies(false)
            .decide();

    assertThat(verdict.kind()).isEqualTo(VerdictKind.CONDITIONAL);
    assertThat(opened)
        .containsExactlyInAnyOrder(
            "one for " + A + " {}",
            "other for " + B + " {p=5}",
            "one for " + A + " {}",
            "other for " + B + " {p=5}",
            "one for " + A + " {}", // asked what measuring the dirty rate would meet
            "other for " + B + " {p=5}");
  }

  @Test
  void aDeviceIsNamedByItsHostAddressTooAndALaterRequestReplacesAnEarlierOne() throws Exception {
    check(TWO_DEVICES, honest("one"), honest("other"))
        .tracker(request(B, "one"))
        .tracker(request(B, "other"))
        .decide();

    assertThat(opened).contains("other for " + B + " {}").doesNotContain("one for " + A + " {}");
    assertThat(opened.stream().filter(line -> line.startsWith("one for " + B)))
        .as("only to see that it can be opened")
        .hasSize(1);
  }

  @Test
  void aDeviceThatIsPluggedLaterCanBeNamed() throws Exception {
    Scenario scenario =
        new Scenario(
            "plug",
            TestVm.V10,
            pc().build(),
            TestVm.host(Map.of()),
            List.of(
                new Step.Boot(), new Step.DeviceAdd(vfio(A)), new Step.Migrate(Set.of(), false)));
    Verdict verdict =
        MigrationCheck.of(scenario)
            .plugins(plugins().withDirtyTrackers(List.of(small())))
            .tracker(request("v1", "small"))
            .decide();

    assertThat(verdict.kind()).isEqualTo(VerdictKind.FAILED);
  }

  @Test
  void aTrackerThatRefusesTheRangesMakesTheMigrationFailAndSaysWhy() throws Exception {
    Verdict verdict = check(q35(vfio(A)), small()).tracker(TrackerRequest.forAll("small")).decide();

    assertThat(verdict.kind()).isEqualTo(VerdictKind.FAILED);
    assertThat(verdict.tracking().get(0).errno()).contains(Errno.EOPNOTSUPP);
    assertThat(verdict.reasons())
        .singleElement()
        .satisfies(reason -> {
          assertThat(reason.code()).isEqualTo("DIRTY_TRACKING_START_FAILED");
          assertThat(reason.explanation())
              .contains("an address space of 2^31 bytes, expected 2^0 to 2^30");
        });
  }

  @Test
  void whyItRefusesIsOneLine() {
    assertThat(new StartResult.Refused(Errno.EIO, "too\r\nlarge\u001b[31m").why())
        .isEqualTo("too large [31m");
  }

  @Test
  void whatIsNotThereIsRefusedWithWhatThereIs() throws Exception {
    MigrationCheck noTracker = check(q35(vfio(A)), small()).tracker(TrackerRequest.forAll("large"));
    assertThatThrownBy(noTracker::decide)
        .isInstanceOf(InputException.class)
        .hasMessage("no dirty tracker is named 'large', expected one of small");
    MigrationCheck noneAtAll = check(q35(vfio(A))).tracker(TrackerRequest.forAll("large"));
    assertThatThrownBy(noneAtAll::decide)
        .isInstanceOf(InputException.class)
        .hasMessage("no dirty tracker is named 'large'; none was found");
    MigrationCheck noDevice = check(TWO_DEVICES, small()).tracker(request("v9", "small"));
    assertThatThrownBy(noDevice::decide)
        .isInstanceOf(InputException.class)
        .hasMessage("a dirty tracker was asked for device 'v9', expected a VFIO device: v1, v2");
    MigrationCheck wrongParameter =
        check(TWO_DEVICES, small()).tracker(request("v1", "small", "q", "1"));
    assertThatThrownBy(wrongParameter::decide)
        .isInstanceOf(InputException.class)
        .hasMessage("dirty tracker small: parameter 'q' is unknown, expected one of p");
  }

  @Test
  void aTrackerThatThrowsIsNamed() throws Exception {
    DirtyTracker broken = mock(DirtyTracker.class);
    when(broken.start(any(), anyLong())).thenThrow(new NoClassDefFoundError("org/x/Bitmap"));
    MigrationCheck check =
        check(q35(vfio(A)), new Provider("broken", config -> broken))
            .tracker(TrackerRequest.forAll("broken"));

    assertThatThrownBy(check::decide)
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("dirty tracker broken failed: start threw")
        .hasMessageContaining("org/x/Bitmap");
  }

  @Test
  void aTrackerThatCannotBeOpenedIsNamed() throws Exception {
    Provider throwing =
        new Provider(
            "throwing",
            config -> {
              throw new IllegalStateException("no memory");
            });
    MigrationCheck check = check(q35(vfio(A)), throwing).tracker(TrackerRequest.forAll("throwing"));

    assertThatThrownBy(check::decide)
        .isInstanceOf(InputException.class)
        .hasMessage("dirty tracker throwing failed: open threw IllegalStateException: no memory");
  }

  @Test
  void answersThatNoTrackerMayGiveAreNamed() throws Exception {
    DirtyTracker odd = mock(DirtyTracker.class);
    when(odd.start(any(), anyLong())).thenReturn(new StartResult.Granted(5000));
    when(odd.stop()).thenReturn(Optional.empty());
    MigrationCheck pages =
        check(q35(vfio(A)), new Provider("odd", config -> odd))
            .tracker(TrackerRequest.forAll("odd"));
    assertThatThrownBy(pages::decide).hasMessageContaining("granted pages of 5000 bytes");

    when(odd.start(any(), anyLong())).thenReturn(null);
    MigrationCheck nothing =
        check(q35(vfio(A)), new Provider("odd", config -> odd))
            .tracker(TrackerRequest.forAll("odd"));
    assertThatThrownBy(nothing::decide).hasMessageContaining("start answered null");
  }

  @Test
  void aReportThatMarksMoreThanItWasAskedForIsNamed() throws Exception {
    DirtyTracker greedy = mock(DirtyTracker.class);
    when(greedy.report(any(), anyLong(), any()))
        .thenAnswer(call -> {
          DirtyBitmap into = call.getArgument(2);
          into.mark(0, 5);
          return Optional.empty();
        });
    DirtyTracker guarded =
        Plugins.of(List.of())
            .withDirtyTrackers(List.of(new Provider("greedy", config -> greedy)))
            .dirtyTrackers()
            .named("dirty tracker", "greedy")
            .open(new TrackerConfig(A, 4096, Map.of()));
    DirtyBitmap room = new DirtyBitmap(8);
    assertThat(guarded.report(new AddressRange(0, 0x4000), 4096, room)).isEmpty();
    assertThatThrownBy(() -> guarded.report(new AddressRange(0, 0x3fff), 4096, room))
        .hasMessage(
            "dirty tracker greedy failed: report set bits behind [0x0,0x3fff], expected only those"
                + " of the range");
  }

  @Test
  void aReportIntoALogThatMarksMoreThanItWasAskedForIsNamed() throws Exception {
    DirtyTracker greedy = mock(DirtyTracker.class);
    when(greedy.report(any(), any()))
        .thenAnswer(call -> {
          DirtyLog into = call.getArgument(1);
          into.mark(new AddressRange(0, 0x4fff));
          return Optional.empty();
        });
    DirtyTracker guarded =
        Plugins.of(List.of())
            .withDirtyTrackers(List.of(new Provider("greedy", config -> greedy)))
            .dirtyTrackers()
            .named("dirty tracker", "greedy")
            .open(new TrackerConfig(A, 4096, Map.of()));
    DirtyLog found = new DirtyLog(4096);
    assertThat(guarded.report(new AddressRange(0, 0x4000), found)).isEmpty();
    assertThat(found.dirtyRanges()).containsExactly(new AddressRange(0, 0x4fff));
    assertThatThrownBy(() -> guarded.report(new AddressRange(0, 0x3fff), found))
        .hasMessage(
            "dirty tracker greedy failed: report marked [0x4000,0x4fff], expected only pages of"
                + " [0x0,0x3fff]");
  }

  @Test
  void aTrackerIsNamedWhateverItThrowsAndIfItRefusesWithoutAnErrno() throws Exception {
    DirtyTracker broken = mock(DirtyTracker.class);
    when(broken.start(any(), anyLong()))
        .thenThrow(new StackOverflowError())
        .thenThrow(new AssertionError("never"))
        .thenAnswer(call -> {
          throw new IOException("gone");
        })
        .thenAnswer(call -> new StartResult.Refused(null, ""));
    Provider provider = new Provider("broken", config -> broken);
    for (String problem :
        List.of(
            "StackOverflowError",
            "AssertionError: never",
            "IOException: gone",
            "NullPointerException: errno")) {
      MigrationCheck check = check(q35(vfio(A)), provider).tracker(TrackerRequest.forAll("broken"));
      assertThatThrownBy(check::decide)
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith("dirty tracker broken failed: start threw")
          .hasMessageContaining(problem);
    }
  }

  @Test
  void allTrackersAreClosedEvenIfOneOfThemFailsToClose() throws Exception {
    List<DirtyTracker> closed = new ArrayList<>();
    Provider provider =
        new Provider(
            "sticky",
            config -> {
              DirtyTracker tracker = spy(new DeviceLogTracker(DeviceLimits.NONE));
              doAnswer(
                      call -> {
                        closed.add(tracker);
                        if (closed.size() == 2) {
                          throw new IllegalStateException("stuck");
                        }
                        return null;
                      })
                  .when(tracker)
                  .close();
              return tracker;
            });
    MigrationCheck check = check(TWO_DEVICES, provider).tracker(TrackerRequest.forAll("sticky"));
    assertThatThrownBy(check::decide)
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("dirty tracker sticky failed: close threw")
        .hasMessageContaining("stuck");
    assertThat(closed).hasSameSizeAs(opened);
  }

  @Test
  void parametersKeepTheirOrderSoThatTheFirstWrongOneIsNamedEachTime() {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 20; i > 0; i--) {
      parameters.put("p" + i, "");
    }
    TrackerRequest request = new TrackerRequest(Optional.empty(), "x", parameters);
    assertThat(request.parameters().keySet()).containsExactlyElementsOf(parameters.keySet());
  }

  @Test
  void R_DT_33_aTrackerIsStartedAskedStoppedAndClosedInThisOrder() throws Exception {
    DirtyTracker tracker = mock(DirtyTracker.class);
    when(tracker.start(any(), anyLong())).thenReturn(new StartResult.Granted(4096));
    when(tracker.report(any(), anyLong(), any())).thenReturn(Optional.empty());
    when(tracker.report(any(), any())).thenCallRealMethod();
    when(tracker.stop()).thenReturn(Optional.empty());
    Scenario cancelled =
        new Scenario(
            "cancel",
            TestVm.V10,
            q35(vfio(A)),
            TestVm.host(Map.of()),
            List.of(new Step.Boot(), new Step.Migrate(Set.of(), true), new Step.MigrateCancel()));
    MigrationCheck.of(cancelled)
        .plugins(plugins().withDirtyTrackers(List.of(new Provider("mocked", config -> tracker))))
        .tracker(TrackerRequest.forAll("mocked"))
        .decide();

    InOrder order = inOrder(tracker);
    order.verify(tracker).start(any(), anyLong());
    order.verify(tracker, atLeastOnce()).report(any(), anyLong(), any());
    order.verify(tracker).stop();
    order.verify(tracker, atLeastOnce()).close();
  }

  /** What was asked for a device stays as it was asked, whatever else is changed. */
  @Test
  void R_DT_47_aChangeOfOneTrackerLeavesTheOthers() throws Exception {
    Scenario vm = scenario(V10, q35(vfio(A), vfio(B)), HostFacts.CAPABLE, migrate());
    List<TrackerRequest> requests =
        List.of(
            new TrackerRequest(Optional.of("v1"), "mlx5", Map.of()),
            new TrackerRequest(Optional.of("v2"), "mlx5", Map.of("max-size-bits", "20")));
    ProviderSet<DirtyTrackerProvider> trackers =
        plugins()
            .withDirtyTrackers(
                List.of(
                    new DeviceLogTrackerProvider(),
                    new Mlx5TrackerProvider(),
                    new PdsTrackerProvider()))
            .dirtyTrackers();
    try (TrackerChoice choice =
            TrackerChoice.of(requests, trackers, vm, (scenario, name) -> DeviceLimits.NONE);
        TrackerChoice after = choice.after(List.of(new RemedyChange.Tracker("v1", "pds")), vm);
        TrackerChoice forAll = choice.after(List.of(new RemedyChange.Tracker("", "pds")), vm)) {
      AskedTrackers asked = choice.asked();
      assertThat(after.asked().byDevice())
          .containsOnlyKeys(A, B)
          .containsEntry(B, asked.byDevice().get(B));
      assertThat(after.asked().byDevice().get(A)).isNotEqualTo(asked.byDevice().get(A));
      assertThat(forAll.asked().byDevice())
          .as("who is named is asked as before")
          .isEqualTo(asked.byDevice());
      assertThat(forAll.asked().forOthers()).startsWith("pds");
    }
  }
}
