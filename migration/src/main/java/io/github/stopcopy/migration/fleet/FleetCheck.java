package io.github.stopcopy.migration.fleet;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.Assumption;
import io.github.stopcopy.migration.DriverRequest;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.ProfileOrigin;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.TrackerRequest;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.change.Changes;
import io.github.stopcopy.migration.fleet.FleetRow.Earlier;
import io.github.stopcopy.migration.fleet.FleetRow.Freed;
import io.github.stopcopy.migration.fleet.FleetVm.FromLibvirt;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.vfiopci.VfioDevice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides VM after VM as {@link MigrationCheck} does. VMs that differ only in the names of their
 * devices, and in what no answer depends on, are of one shape: that is decided once, and the answer
 * told with the names of each. The last shapes are kept, {@value #DEFAULT_SHAPES} unless said
 * otherwise. Thread-safe: one is made for a fleet and asked by any number of threads.
 *
 * {@snippet file="VerdictTest.java" region="fleet"}
 */
public final class FleetCheck {

  /** How many shapes are kept, unless said otherwise. */
  public static final int DEFAULT_SHAPES = 1000;

  private final Plugins plugins;
  private final RuleSets ruleSets;
  private final Optional<QemuProfile> profile;
  private final Optional<QemuProfile> earlier;
  private final List<RemedyChange> changes;
  private final List<DriverRequest> drivers;
  private final List<TrackerRequest> trackers;
  private final boolean withRemedies;
  private final Slots slots;
  private final Set<String> knownTypes;

  /** What is named in a request and was in no VM so far. */
  private final Set<String> unused = new LinkedHashSet<>();

  /** What is asked for by name; names of devices in it must stay. */
  private final String requested;

  /** Whether shapes keep all names, because something may look at them that is not of ours. */
  private final boolean isExact;

  private FleetCheck(Builder builder) {
    plugins = builder.plugins;
    ruleSets = builder.ruleSets;
    profile = builder.profile;
    earlier = builder.earlier;
    changes = List.copyOf(builder.changes);
    drivers = List.copyOf(builder.drivers);
    trackers = List.copyOf(builder.trackers);
    withRemedies = builder.withRemedies;
    slots = new Slots(builder.mostShapes);
    knownTypes = new HashSet<>(plugins.virtualIommus().names());
    knownTypes.addAll(plugins.deviceTypes().names());
    changes.forEach(change -> target(change).ifPresent(unused::add));
    drivers.forEach(request -> request.device().ifPresent(unused::add));
    trackers.forEach(request -> request.device().ifPresent(unused::add));
    requested = changes + " " + drivers;
    isExact =
        !trackers.isEmpty()
            || changes.stream().anyMatch(FleetCheck::isOfHost)
            || !isOurs(plugins.virtualIommus().all())
            || !isOurs(plugins.deviceTypes().all());
  }

  private static boolean isOfHost(RemedyChange change) {
    return change instanceof RemedyChange.Set set && set.target().equals("host");
  }

  private static boolean isOurs(Collection<?> providers) {
    return providers.stream()
        .allMatch(provider -> provider.getClass().isAnnotationPresent(BuiltIn.class));
  }

  /** A builder of a check with these plugins and rule sets. */
  public static Builder builder(Plugins plugins, RuleSets ruleSets) {
    return new Builder(plugins, ruleSets);
  }

  /** Collects what a fleet is asked about. Not thread-safe. */
  public static final class Builder {

    private final Plugins plugins;
    private final RuleSets ruleSets;
    private Optional<QemuProfile> profile = Optional.empty();
    private Optional<QemuProfile> earlier = Optional.empty();
    private final List<RemedyChange> changes = new ArrayList<>();
    private final List<DriverRequest> drivers = new ArrayList<>();
    private final List<TrackerRequest> trackers = new ArrayList<>();
    private boolean withRemedies = true;
    private int mostShapes = DEFAULT_SHAPES;

    private Builder(Plugins plugins, RuleSets ruleSets) {
      this.plugins = plugins;
      this.ruleSets = ruleSets;
    }

    /** Sets the release that runs all VMs, whatever each says. */
    public Builder profile(QemuProfile release) {
      profile = Optional.of(release);
      return this;
    }

    /** Also decides each VM with this release, to tell in {@link FleetRow#earlier}. */
    public Builder comparedWith(QemuProfile release) {
      earlier = Optional.of(release);
      return this;
    }

    /**
     * Makes changes to every VM; one that names a device or a type of devices is made to the VMs
     * that have it.
     */
    public Builder apply(List<RemedyChange> more) {
      changes.addAll(more);
      return this;
    }

    /** Sets the kernel driver of devices as {@link MigrationCheck#driver} does. */
    public Builder driver(DriverRequest request) {
      drivers.add(request);
      return this;
    }

    /** Sets who logs the writes of devices as {@link MigrationCheck#tracker} does. */
    public Builder tracker(TrackerRequest request) {
      trackers.add(request);
      return this;
    }

    /** Says whether remedies are looked for; on by default. */
    public Builder remedies(boolean wanted) {
      withRemedies = wanted;
      return this;
    }

    /**
     * Sets how many shapes are kept.
     *
     * @throws IllegalArgumentException if it is less than 0
     */
    public Builder shapes(int most) {
      if (most < 0) {
        throw new IllegalArgumentException(most + " shapes, expected 0 or more");
      }
      mostShapes = most;
      return this;
    }

    /** The finished check. */
    public FleetCheck build() {
      return new FleetCheck(this);
    }
  }

  /**
   * Decides about a VM. One that makes no sense to the model is a row that says why.
   *
   * @throws RuntimeException only where the model itself fails; it concerns this VM alone
   */
  public FleetRow decide(FleetVm vm) {
    FleetVm asked = profile.map(release -> vm.withProfile(release, ProfileOrigin.GIVEN)).orElse(vm);
    FleetRow row = row(asked, withRemedies);
    if (earlier.isEmpty()) {
      return row;
    }
    QemuProfile before = earlier.get();
    FleetRow then = row(asked.withProfile(before, ProfileOrigin.GIVEN), false);
    return row.since(new Earlier(true, Optional.of(before), then.verdict()));
  }

  private FleetRow row(FleetVm vm, boolean remedies) {
    Requests requests = requests(vm);
    Shape.Named named =
        isExact
            ? new Shape.Named(Shape.exactly(vm), Names.unchanged())
            : Shape.of(vm, knownTypes, requested);
    Slot slot = slots.of(new Key(named.shape(), requests, remedies));
    Optional<Answer> answer = slot.answer(() -> answer(named, requests, remedies));
    if (answer.isPresent()) {
      return row(vm, answer.get(), named.names());
    }
    try { // again, so that what is wrong is told with the VM's own names
      return row(
          vm,
          decided(new Shape.Named(Shape.exactly(vm), Names.unchanged()), requests, remedies),
          Names.unchanged());
    } catch (InputException wrong) {
      return FleetRow.unknown(vm.id(), vm.node(), wrong.getMessage());
    }
  }

  private static FleetRow row(FleetVm vm, Answer answer, Names names) {
    return new FleetRow(
        vm.id(),
        vm.node(),
        Optional.of(answer.profile()),
        Optional.of(answer.verdict()),
        names.reasons(answer.reasons()),
        names.assumptions(answer.assumptions()),
        answer.changes(),
        "",
        Optional.empty());
  }

  /** The answer to a shape; empty if it makes no sense to the model. */
  private Optional<Answer> answer(Shape.Named named, Requests requests, boolean remedies) {
    try {
      return Optional.of(decided(named, requests, remedies));
    } catch (InputException wrong) {
      return Optional.empty();
    }
  }

  private Answer decided(Shape.Named named, Requests requests, boolean remedies)
      throws InputException {
    Verdict verdict = check(named.shape().vm(), requests, remedies).decide();
    return new Answer(
        verdict.profile(),
        verdict.kind(),
        verdict.reasons(),
        verdict.assumptions(),
        freed(verdict, named));
  }

  /** What frees the VM, by the code of a reason, in words for any VM; each once. */
  private static List<Freed> freed(Verdict verdict, Shape.Named named) {
    Set<Freed> all = new LinkedHashSet<>();
    for (Reason reason : verdict.reasons()) {
      for (Remedy remedy : reason.remedies()) {
        boolean frees =
            verdict.kind().isPositive()
                ? remedy.verdict() == VerdictKind.MIGRATABLE
                : remedy.verdict().isPositive();
        if (frees) {
          all.add(new Freed(reason.code(), general(remedy, named)));
        }
      }
    }
    return List.copyOf(all);
  }

  private static FleetChange general(Remedy remedy, Shape.Named named) {
    Set<RemedyChange> parts = new LinkedHashSet<>();
    for (RemedyChange change : remedy.changes()) {
      if (change instanceof RemedyChange.Set set) {
        parts.add(
            new RemedyChange.Set(
                named.shape().typeOf(set.target()),
                ofAnyDevice(named, set),
                named.names().anonymous(set.value())));
      } else if (change instanceof RemedyChange.Unset unset) {
        parts.add(new RemedyChange.Unset(named.shape().typeOf(unset.target()), unset.property()));
      } else if (change instanceof RemedyChange.Remove remove) {
        parts.add(new RemedyChange.Remove(named.shape().typeOf(remove.target())));
      } else if (change instanceof RemedyChange.Replace replace) {
        parts.add(
            new RemedyChange.Replace(named.shape().typeOf(replace.target()), replace.driver()));
      } else if (change instanceof RemedyChange.Tracker tracker) {
        parts.add(new RemedyChange.Tracker("", tracker.tracker()));
      } else {
        parts.add(change);
      }
    }
    return new FleetChange(List.copyOf(parts), remedy.needs());
  }

  /** The key of a fact of the host with {@code *} for the device. */
  private static String ofAnyDevice(Shape.Named named, RemedyChange.Set set) {
    String property = set.property();
    String prefix = "devices.";
    int end = property.lastIndexOf('.');
    return property.startsWith(prefix) && end >= prefix.length()
        ? prefix + "*" + property.substring(end)
        : named.names().anonymous(property);
  }

  private MigrationCheck check(FleetVm vm, Requests requests, boolean remedies) {
    MigrationCheck check =
        MigrationCheck.of(vm.vm())
            .host(vm.host())
            .profile(vm.profile(), vm.profileOrigin())
            .plugins(plugins)
            .ruleSets(ruleSets)
            .remedies(remedies)
            .apply(requests.changes());
    if (vm.libvirt().isPresent()) {
      FromLibvirt described = vm.libvirt().get();
      if (drivers.stream().allMatch(request -> request.device().isPresent())) {
        described
            .drivers()
            .forEach(
                (device, driver) -> check.driver(new DriverRequest(Optional.of(device), driver)));
      }
      check.fromLibvirt(described.interfaces()).mayHave(described.possibleDevices());
      described.otherVm().ifPresent(other -> check.mayAlsoBe(other, described.whyOther()));
    }
    requests.drivers().forEach(check::driver);
    requests.trackers().forEach(check::tracker);
    return check;
  }

  /** What is asked for of all VMs and means something to one. */
  private record Requests(
      List<RemedyChange> changes, List<DriverRequest> drivers, List<TrackerRequest> trackers) {}

  private Requests requests(FleetVm vm) {
    if (changes.isEmpty() && drivers.isEmpty() && trackers.isEmpty()) {
      return new Requests(List.of(), List.of(), List.of());
    }
    Scenario scenario = Scenario.bootAndMigrate(vm.vm());
    Requests all =
        new Requests(
            changes.stream().filter(change -> isFor(scenario, change)).toList(),
            drivers.stream().filter(request -> hasDevice(vm, request.device())).toList(),
            trackers.stream().filter(request -> hasDevice(vm, request.device())).toList());
    Set<String> used = new HashSet<>();
    all.changes().forEach(change -> target(change).ifPresent(used::add));
    all.drivers().forEach(request -> request.device().ifPresent(used::add));
    all.trackers().forEach(request -> request.device().ifPresent(used::add));
    synchronized (unused) {
      unused.removeAll(used);
    }
    return all;
  }

  /**
   * The devices and types of devices that a change, driver or tracker is asked for and that no VM
   * had so far: most likely typing errors.
   */
  public List<String> unused() {
    synchronized (unused) {
      return List.copyOf(unused);
    }
  }

  private static boolean isFor(Scenario scenario, RemedyChange change) {
    return target(change).map(target -> Changes.isFound(scenario, target)).orElse(true);
  }

  private static Optional<String> target(RemedyChange change) {
    if (change instanceof RemedyChange.Set set) {
      return Optional.of(set.target());
    } else if (change instanceof RemedyChange.Unset unset) {
      return Optional.of(unset.target());
    } else if (change instanceof RemedyChange.Remove remove) {
      return Optional.of(remove.target());
    } else if (change instanceof RemedyChange.Replace replace) {
      return Optional.of(replace.target());
    }
    return Optional.empty();
  }

  private static boolean hasDevice(FleetVm vm, Optional<String> device) {
    return device.isEmpty()
        || vm.vm().devices().stream().anyMatch(one -> isCalled(one, device.get()));
  }

  private static boolean isCalled(DeviceConfig device, String name) {
    return VfioDevice.isVfio(device)
        && (device.id().equals(Optional.of(name))
            || device.setting("host").equals(Optional.of(name))
            || VfioDevice.nameOf(device).equals(Optional.of(name)));
  }

  /** An answer in the names of a shape. */
  private record Answer(
      QemuProfile profile,
      VerdictKind verdict,
      List<Reason> reasons,
      List<Assumption> assumptions,
      List<Freed> changes) {}

  private record Key(Shape shape, Requests requests, boolean remedies) {}

  /** Decides. */
  private interface Deciding {
    Optional<Answer> answer();
  }

  /** The answer to one shape; who comes while it is decided waits for it. */
  private static final class Slot {

    private boolean isDecided;
    private Optional<Answer> answer = Optional.empty();

    synchronized Optional<Answer> answer(Deciding deciding) {
      if (!isDecided) {
        answer = deciding.answer();
        isDecided = true;
      }
      return answer;
    }
  }

  /** The slots of the shapes that were asked for last. */
  private static final class Slots {

    private final Map<Key, Slot> byShape = new LinkedHashMap<>(16, 0.75f, true);
    private final int most;

    Slots(int most) {
      this.most = most;
    }

    synchronized Slot of(Key key) {
      Slot slot = byShape.computeIfAbsent(key, any -> new Slot());
      if (byShape.size() > most) {
        byShape.remove(byShape.keySet().iterator().next());
      }
      return slot;
    }
  }
}
