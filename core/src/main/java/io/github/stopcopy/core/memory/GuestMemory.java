package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.error.QemuError;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All memory of one VM: it makes regions and address spaces, groups changes into transactions,
 * tells listeners about them and switches dirty logging (R-AS-50 .. R-AS-73). A commit renders only
 * what changed, once for all address spaces that share it. Not thread-safe; a VM has one and uses
 * it on one thread.
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

  private final boolean translatesCode;
  private final RenderedViews views;
  private final List<AddressSpace> spaces = new ArrayList<>();
  private @Nullable List<AddressSpace> copiedSpaces;
  private long visible;
  private final Set<DirtyLogReason> dirtyLog = EnumSet.noneOf(DirtyLogReason.class);
  private final Set<DirtyLogReason> postponedStops = EnumSet.noneOf(DirtyLogReason.class);
  private final RamDirtyLog ramDirtyLog = new RamDirtyLog();

  private final ListenerList listeners = new ListenerList();

  /** Those of them who hear of the begin of commits, and of their end. */
  private final ListenerList begun = new ListenerList();

  private final ListenerList committed = new ListenerList();
  private final IdentityHashMap<MemoryListener, Registration> registrations =
      new IdentityHashMap<>(4);

  /** The address spaces with a listener who wants to hear of what stays. */
  private Set<AddressSpace> lookedAtWhole = Set.of();

  private int depth;
  private boolean committing;

  /** Whether others log writes than did at the last commit. */
  private boolean masksChanged;

  /** Whether nobody listened to the last commits, so that no view was rendered since. */
  private boolean behind;

  private UnaryOperator<IommuModel> modelGuard = UnaryOperator.identity();

  /**
   * Memory without any region.
   *
   * @param translatesCode whether the accelerator is TCG, which logs writes to code (R-AS-39)
   * @param keepsUnmergeable whether the release knows unmergeable regions (10.x, R-AS-36)
   */
  public GuestMemory(boolean translatesCode, boolean keepsUnmergeable) {
    this.translatesCode = translatesCode;
    this.views = new RenderedViews(this::dirtyLogMask, keepsUnmergeable);
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
    catchUp();
    MemoryRegion.Alias.use(root);
    AddressSpace space = new AddressSpace(this, name, root, spaces.size());
    show(space, views.open(space, depth > 0));
    spaces.add(space);
    copiedSpaces = null;
    return space;
  }

  /** The address spaces in the order of their creation. */
  public List<AddressSpace> addressSpaces() {
    if (copiedSpaces == null) {
      copiedSpaces = List.copyOf(spaces);
    }
    return copiedSpaces;
  }

  /** How many runs all address spaces show together; one that several show counts for each. */
  public long visibleRanges() {
    catchUp();
    return visible;
  }

  /** Makes several changes one: only the end of the outermost transaction acts (R-AS-50). */
  public void transaction(Runnable changes) {
    catchUp(); // whoever looks before the end sees what was before
    begin();
    try {
      changes.run();
    } finally {
      end();
    }
  }

  /**
   * Opens a transaction in which nobody looks at views; nothing that can fail may come before
   * {@link #end}.
   */
  void begin() {
    checkNotCommitting();
    depth++;
  }

  /** Ends the transaction that was opened last. */
  void end() {
    depth--;
    if (depth == 0) {
      commit();
    }
  }

  /** Where changes of regions are followed to what shows them. */
  RenderedViews views() {
    return views;
  }

  /**
   * Registers a listener: it is put behind all with a priority not above its own, and what the
   * address space shows is replayed to it (R-AS-60).
   *
   * @return the error of its {@code logGlobalStart} if dirty logging was on and it refused
   * @throws IllegalStateException if the listener is registered already
   */
  public Optional<QemuError> register(MemoryListener listener, AddressSpace space) {
    if (registrations.containsKey(listener)) {
      throw new IllegalStateException("the listener is registered already");
    }
    catchUp();
    Registration registration = new Registration(listener, space);
    registrations.put(listener, registration);
    listeners.insert(registration);
    space.listeners().insert(registration);
    if (registration.callbacks().begin()) {
      begun.insert(registration);
    }
    if (registration.callbacks().commit()) {
      committed.insert(registration);
    }
    if (registration.takesRegionNop()) {
      if (lookedAtWhole.isEmpty()) {
        lookedAtWhole = new LinkedHashSet<>();
      }
      lookedAtWhole.add(space);
    }

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
    Registration registration = registrations.get(listener);
    if (registration == null) {
      throw new IllegalStateException("the listener is not registered");
    }
    listener.begin();
    for (FlatRange range : registration.space().view().ranges()) {
      if (!range.dirtyLogMask().isNone()) {
        listener.logStop(range.section(), range.dirtyLogMask(), DirtyLogMask.NONE);
      }
      listener.regionDel(range.section());
    }
    listener.commit();
    registrations.remove(listener);
    listeners.remove(registration);
    AddressSpace space = registration.space();
    space.listeners().remove(registration);
    if (registration.callbacks().begin()) {
      begun.remove(registration);
    }
    if (registration.callbacks().commit()) {
      committed.remove(registration);
    }
    if (registration.takesRegionNop() && !space.listeners().takesRegionNop()) {
      lookedAtWhole.remove(space);
    }
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
    Optional<QemuError> refused = tellGlobalStart();
    if (refused.isPresent()) {
      dirtyLog.remove(reason);
      return refused;
    }
    changeMasks();
    return Optional.empty();
  }

  private Optional<QemuError> tellGlobalStart() {
    List<Registration> told = listeners.walk();
    try {
      for (int i = 0; i < told.size(); i++) {
        Optional<QemuError> refused = told.get(i).listener().logGlobalStart();
        if (refused.isPresent()) {
          for (int k = i - 1; k >= 0; k--) {
            told.get(k).listener().logGlobalStop();
          }
          return refused;
        }
      }
      return Optional.empty();
    } finally {
      listeners.walked();
    }
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
    listeners.forEachReverse(MemoryListener::logGlobalStop);
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
    List<Registration> told = listeners.walk();
    try {
      for (int i = 0; i < told.size(); i++) {
        MemoryListener listener = told.get(i).listener();
        for (FlatRange range : told.get(i).space().view().ranges()) {
          if (!range.dirtyLogMask().isNone()) {
            listener.logSync(range.section());
          }
        }
      }
    } finally {
      listeners.walked();
    }
  }

  /**
   * A transaction in which nothing changed but who logs writes. That follows from the region alone,
   * so that all runs stay as they were rendered.
   */
  private void changeMasks() {
    checkNotCommitting();
    masksChanged = true;
    if (depth == 0) {
      commit(); // the end of the open one does it otherwise
    }
  }

  /** Publishes what changed in all address spaces, in their order. */
  private void commit() {
    if (registrations.isEmpty() && !masksChanged) {
      behind = true;
      return;
    }
    publish();
  }

  /** Renders what commits left to whoever looks first. */
  void catchUp() {
    if (behind && depth == 0) {
      publish();
    }
  }

  private void publish() {
    behind = false;
    boolean allMasks = masksChanged;
    masksChanged = false;
    if (allMasks) {
      views.changeMasks(spaces);
    }
    views.renderOutdated();
    committing = true;
    try {
      begun.forEach(MemoryListener::begin);
      List<AddressSpace> installed = views.takeOutdated(allMasks ? spaces : lookedAtWhole);
      for (int i = 0; i < installed.size(); i++) { // a listener may make more, but not of these
        install(installed.get(i), allMasks);
      }
      committed.forEach(MemoryListener::commit);
    } finally {
      committing = false;
      views.forgetUpdates();
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

  /** Who logs writes to a region (R-AS-39). */
  DirtyLogMask dirtyLogMask(MemoryRegion region) {
    boolean migration =
        !dirtyLog.isEmpty() && (region.isMigratable() || region instanceof MemoryRegion.Iommu);
    boolean code = translatesCode && region.hasRamBlock();
    return code ? (migration ? BOTH : CODE) : migration ? MIGRATION : DirtyLogMask.NONE;
  }

  /**
   * Tells the listeners of one address space what changed, then publishes the view (R-AS-51). Those
   * who log writes do not count as long as the same do.
   */
  private void install(AddressSpace space, boolean masksChanged) {
    RenderedRoot root = space.rendered();
    FlatView before = space.view();
    FlatView after = root == null ? FlatView.EMPTY : root.view();
    ListenerList listeners = space.listeners();
    if (!listeners.isEmpty()
        && (listeners.takesRegionNop() || masksChanged && listeners.takesLog())) {
      ListenerCalls.tellAll(listeners, before, after);
    } else if (!listeners.isEmpty() && before != after) {
      ListenerCalls.tellChanges(
          listeners, root == null ? ViewUpdate.between(before, after) : root.updateOf(before));
    }
    show(space, after);
  }

  private void show(AddressSpace space, FlatView view) {
    FlatView before = space.view();
    if (before != view) {
      visible += view.runs().size() - before.runs().size();
      space.setView(view);
    }
  }
}
