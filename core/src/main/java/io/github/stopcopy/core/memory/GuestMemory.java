package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.QemuError;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All memory of one VM: it makes regions and address spaces, groups changes into transactions,
 * tells listeners about them and switches dirty logging (R-AS-50 .. R-AS-73). Everything is
 * re-rendered at a commit, in O(n log n). Not thread-safe; a VM has one and uses it on one thread.
 */
@SuppressWarnings("ReferenceEquality") // regions and listeners are who they are
public final class GuestMemory {

  /** Why dirty logging is on (R-AS-70). */
  public enum DirtyLogReason {
    /** An outgoing migration. */
    MIGRATION,
    /** A measurement of the dirty rate. */
    DIRTY_RATE,
    /** A limit on the dirty rate. */
    DIRTY_LIMIT
  }

  private static final DirtyLogMask CODE = new DirtyLogMask(false, true, false);
  private static final DirtyLogMask MIGRATION = new DirtyLogMask(false, false, true);
  private static final DirtyLogMask BOTH = new DirtyLogMask(false, true, true);

  private record Registration(MemoryListener listener, AddressSpace space) {}

  private final boolean translatesCode;
  private final boolean keepsUnmergeable;
  private final List<AddressSpace> spaces = new ArrayList<>();
  private final List<Registration> registrations = new ArrayList<>();
  private final Set<DirtyLogReason> dirtyLog = EnumSet.noneOf(DirtyLogReason.class);
  private final Set<DirtyLogReason> postponedStops = EnumSet.noneOf(DirtyLogReason.class);
  private final RamDirtyLog ramDirtyLog = new RamDirtyLog();
  private int depth;
  private boolean pending;
  private boolean outdated;
  private boolean committing;
  private UnaryOperator<IommuModel> modelGuard = UnaryOperator.identity();

  /**
   * Memory without any region.
   *
   * @param translatesCode whether the accelerator is TCG, which logs writes to code (R-AS-39)
   * @param keepsUnmergeable whether the release knows unmergeable regions (10.x, R-AS-36)
   */
  public GuestMemory(boolean translatesCode, boolean keepsUnmergeable) {
    this.translatesCode = translatesCode;
    this.keepsUnmergeable = keepsUnmergeable;
  }

  /** A RAM region. */
  public MemoryRegion.Ram ram(String name, ByteSize size) {
    return new MemoryRegion.Ram(this, name, size, false);
  }

  /** A RAM region that devices must not reach (R-AS-11). */
  public MemoryRegion.Ram protectedRam(String name, ByteSize size) {
    return new MemoryRegion.Ram(this, name, size, true);
  }

  /** A ROM region. */
  public MemoryRegion.Rom rom(String name, ByteSize size) {
    return new MemoryRegion.Rom(this, name, size);
  }

  /** A ROM device region in romd mode. */
  public MemoryRegion.RomDevice romDevice(String name, ByteSize size) {
    return new MemoryRegion.RomDevice(this, name, size);
  }

  /** A region of device memory. */
  public MemoryRegion.RamDevice ramDevice(String name, ByteSize size) {
    return new MemoryRegion.RamDevice(this, name, size);
  }

  /** An I/O region. */
  public MemoryRegion.Io io(String name, ByteSize size) {
    return new MemoryRegion.Io(this, name, size);
  }

  /** A region that only holds others. */
  public MemoryRegion.Container container(String name, ByteSize size) {
    return new MemoryRegion.Container(this, name, size);
  }

  /** A window of the given size to {@code target}, beginning at {@code targetOffset} bytes. */
  public MemoryRegion.Alias alias(
      String name, MemoryRegion target, long targetOffset, ByteSize size) {
    checkOwn(target);
    return new MemoryRegion.Alias(this, name, target, targetOffset, size);
  }

  /** A region that a vIOMMU translates. */
  public MemoryRegion.Iommu iommu(String name, ByteSize size, IommuModel model) {
    return new MemoryRegion.Iommu(this, name, size, modelGuard.apply(model));
  }

  /**
   * Puts a guard between the model of each IOMMU region that is made from now on and whoever asks
   * it, for a program that must know whose model it was when one throws. Guards add up, the latest
   * inside.
   */
  public void guardModels(UnaryOperator<IommuModel> guard) {
    UnaryOperator<IommuModel> outer = modelGuard;
    modelGuard = model -> outer.apply(guard.apply(model));
  }

  /**
   * A new address space, rendered at once. Its place in the order of creation is kept (R-AS-50).
   */
  public AddressSpace addressSpace(String name, MemoryRegion root) {
    checkOwn(root);
    MemoryRegion viewRoot = FlatViewRenderer.viewRoot(root);
    FlatView view = null;
    for (AddressSpace other : spaces) {
      if (other.view().root().orElse(null) == viewRoot) {
        view = other.view();
      }
    }
    if (view == null || pending || committing) {
      view = render(viewRoot);
    }
    root.setShown();
    AddressSpace space = new AddressSpace(name, root, view);
    spaces.add(space);
    return space;
  }

  /** The address spaces in the order of their creation. */
  public List<AddressSpace> addressSpaces() {
    return List.copyOf(spaces);
  }

  /** Makes several changes one: only the end of the outermost transaction acts (R-AS-50). */
  public void transaction(Runnable changes) {
    transaction(changes, false);
  }

  /**
   * The same of changes to a region.
   *
   * @param isShown whether somebody can see the region, so that views are rendered anew
   */
  void transaction(Runnable changes, boolean isShown) {
    checkNotCommitting();
    depth++;
    try {
      pending = true;
      outdated |= isShown;
      changes.run();
    } finally {
      depth--;
      if (depth == 0 && pending) {
        pending = false;
        commit();
      }
    }
  }

  /**
   * Registers a listener: it is put behind all with a priority not above its own, and what the
   * address space shows is replayed to it (R-AS-60).
   *
   * @return the error of its {@code logGlobalStart} if dirty logging was on and it refused
   * @throws IllegalStateException if the listener is registered already
   */
  public Optional<QemuError> register(MemoryListener listener, AddressSpace space) {
    for (Registration other : registrations) {
      if (other.listener == listener) {
        throw new IllegalStateException("the listener is registered already");
      }
    }
    Registration registration = new Registration(listener, space);
    int at = 0;
    while (at < registrations.size()
        && registrations.get(at).listener.priority() <= listener.priority()) {
      at++;
    }
    registrations.add(at, registration);
    List<MemoryListener> own = space.listeners();
    at = 0;
    while (at < own.size() && own.get(at).priority() <= listener.priority()) {
      at++;
    }
    own.add(at, listener);

    listener.begin();
    Optional<QemuError> refused = dirtyLog.isEmpty() ? Optional.empty() : listener.logGlobalStart();
    for (FlatRange range : space.view().ranges()) {
      listener.regionAdd(range.section());
      if (!range.dirtyLogMask().isNone()) {
        listener.logStart(range.section(), DirtyLogMask.NONE, range.dirtyLogMask());
      }
    }
    listener.commit();
    return refused;
  }

  /**
   * Takes a listener out after telling it that everything goes, ascending (R-AS-61).
   *
   * @throws IllegalStateException if it is not registered
   */
  public void unregister(MemoryListener listener) {
    Registration registration = null;
    for (Registration candidate : registrations) {
      if (candidate.listener == listener) {
        registration = candidate;
      }
    }
    if (registration == null) {
      throw new IllegalStateException("the listener is not registered");
    }
    listener.begin();
    for (FlatRange range : registration.space.view().ranges()) {
      if (!range.dirtyLogMask().isNone()) {
        listener.logStop(range.section(), range.dirtyLogMask(), DirtyLogMask.NONE);
      }
      listener.regionDel(range.section());
    }
    listener.commit();
    registrations.removeIf(other -> other.listener == listener);
    registration.space.listeners().removeIf(other -> other == listener);
  }

  /** Which pages of RAM are dirty for the migration. */
  public RamDirtyLog ramDirtyLog() {
    return ramDirtyLog;
  }

  /** Whether dirty logging is on for any reason. */
  public boolean isDirtyLogOn() {
    return !dirtyLog.isEmpty();
  }

  /**
   * Turns dirty logging on for a reason; listeners hear of it only if it was off (R-AS-70). If one
   * refuses, those told before are stopped again, newest first, and logging stays off (R-AS-71).
   */
  public Optional<QemuError> startDirtyLog(DirtyLogReason reason) {
    postponedStops.remove(reason);
    boolean wasOff = dirtyLog.isEmpty();
    if (!dirtyLog.add(reason) || !wasOff) {
      return Optional.empty();
    }
    List<Registration> told = List.copyOf(registrations);
    for (int i = 0; i < told.size(); i++) {
      Optional<QemuError> refused = told.get(i).listener.logGlobalStart();
      if (refused.isPresent()) {
        for (int k = i - 1; k >= 0; k--) {
          told.get(k).listener.logGlobalStop();
        }
        dirtyLog.remove(reason);
        return refused;
      }
    }
    changeMasks();
    return Optional.empty();
  }

  /**
   * Turns dirty logging off for a reason. While the VM is stopped this waits until it runs again
   * (R-AS-72).
   */
  public void stopDirtyLog(DirtyLogReason reason, boolean vmRunning) {
    if (!vmRunning) {
      postponedStops.add(reason);
      return;
    }
    if (!dirtyLog.remove(reason) || !dirtyLog.isEmpty()) {
      return;
    }
    changeMasks();
    for (int i = registrations.size() - 1; i >= 0; i--) {
      registrations.get(i).listener.logGlobalStop();
    }
  }

  /** Carries out what waited for the VM to run again (R-AS-72). */
  public void vmStarted() {
    for (DirtyLogReason reason : EnumSet.copyOf(postponedStops)) {
      postponedStops.remove(reason);
      stopDirtyLog(reason, true);
    }
  }

  /** Has every listener collect dirty pages of every run that somebody logs (R-AS-73). */
  public void syncDirtyLog() {
    for (Registration registration : List.copyOf(registrations)) {
      for (FlatRange range : registration.space.view().ranges()) {
        if (!range.dirtyLogMask().isNone()) {
          registration.listener.logSync(range.section());
        }
      }
    }
  }

  private void commit() {
    List<FlatView> views = outdated ? rendered() : views();
    outdated = false;
    install(views);
  }

  private List<FlatView> views() {
    List<FlatView> views = new ArrayList<>(spaces.size());
    spaces.forEach(space -> views.add(space.view()));
    return views;
  }

  private List<FlatView> rendered() {
    IdentityHashMap<MemoryRegion, FlatView> rendered = new IdentityHashMap<>(spaces.size());
    List<FlatView> views = new ArrayList<>(spaces.size());
    for (AddressSpace space : spaces) {
      MemoryRegion root = FlatViewRenderer.viewRoot(space.root());
      views.add(root == null ? FlatView.EMPTY : rendered.computeIfAbsent(root, this::render));
    }
    return views;
  }

  /**
   * A transaction in which nothing changed but who logs writes. That follows from the region alone,
   * so that all runs stay as they were rendered.
   */
  private void changeMasks() {
    checkNotCommitting();
    if (depth > 0) {
      outdated = true; // the end of the open one renders all anew
      return;
    }
    IdentityHashMap<FlatView, FlatView> masked = new IdentityHashMap<>(spaces.size());
    List<FlatView> views = new ArrayList<>(spaces.size());
    for (AddressSpace space : spaces) {
      views.add(
          masked.computeIfAbsent(space.view(), view -> view.withDirtyLogMasks(this::dirtyLogMask)));
    }
    install(views);
  }

  /** Publishes the views of all address spaces, in their order. */
  private void install(List<FlatView> views) {
    List<AddressSpace> installed = List.copyOf(spaces);
    committing = true;
    try {
      for (Registration registration : List.copyOf(registrations)) {
        registration.listener.begin();
      }
      for (int i = 0; i < views.size(); i++) {
        install(installed.get(i), views.get(i));
      }
      for (Registration registration : List.copyOf(registrations)) {
        registration.listener.commit();
      }
    } finally {
      committing = false;
    }
  }

  private void checkNotCommitting() {
    if (committing) {
      throw new IllegalStateException("a listener must not change the topology (R-AS-54)");
    }
  }

  private void checkOwn(MemoryRegion region) {
    if (!region.belongsTo(this)) {
      throw new IllegalArgumentException(region.name() + " belongs to another VM");
    }
  }

  private FlatView render(@Nullable MemoryRegion root) {
    return FlatViewRenderer.render(root, this::dirtyLogMask, keepsUnmergeable);
  }

  private DirtyLogMask dirtyLogMask(MemoryRegion region) {
    boolean migration =
        !dirtyLog.isEmpty() && (region.isMigratable() || region instanceof MemoryRegion.Iommu);
    boolean code = translatesCode && region.hasRamBlock();
    return code ? (migration ? BOTH : CODE) : migration ? MIGRATION : DirtyLogMask.NONE;
  }

  /** Tells the listeners of one address space what changed, then publishes the view (R-AS-51). */
  private static void install(AddressSpace space, FlatView view) {
    FlatView old = space.view();
    List<MemoryListener> listeners = List.copyOf(space.listeners());
    if (!listeners.isEmpty()) {
      tell(listeners, old.ranges(), view.ranges(), false);
      tell(listeners, old.ranges(), view.ranges(), true);
    }
    space.setView(view);
  }

  private static void tell(
      List<MemoryListener> listeners, List<FlatRange> old, List<FlatRange> now, boolean adding) {
    int i = 0;
    int k = 0;
    while (i < old.size() || k < now.size()) {
      FlatRange before = i < old.size() ? old.get(i) : null;
      FlatRange after = k < now.size() ? now.get(k) : null;
      if (before != null && after != null && before.sameAs(after)) {
        if (adding) {
          stayed(listeners, before.dirtyLogMask(), after);
        }
        i++;
        k++;
      } else if (before != null
          && (after == null || U64.lessOrEqual(before.range().first(), after.range().first()))) {
        if (!adding) {
          for (int n = listeners.size() - 1; n >= 0; n--) {
            listeners.get(n).regionDel(before.section());
          }
        }
        i++;
      } else if (after != null) {
        if (adding) {
          appeared(listeners, after);
        }
        k++;
      }
    }
  }

  private static void stayed(List<MemoryListener> listeners, DirtyLogMask before, FlatRange range) {
    MemorySection section = range.section();
    DirtyLogMask after = range.dirtyLogMask();
    for (MemoryListener listener : listeners) {
      listener.regionNop(section);
    }
    if (after.exceeds(before)) {
      for (MemoryListener listener : listeners) {
        listener.logStart(section, before, after);
      }
    }
    if (before.exceeds(after)) {
      for (int n = listeners.size() - 1; n >= 0; n--) {
        listeners.get(n).logStop(section, before, after);
      }
    }
  }

  private static void appeared(List<MemoryListener> listeners, FlatRange range) {
    MemorySection section = range.section();
    for (MemoryListener listener : listeners) {
      listener.regionAdd(section);
    }
  }
}
