package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.ByteSize;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.QemuError;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A node of the guest's memory topology (R-AS-1 .. R-AS-12). Regions are made by {@link
 * GuestMemory} and form trees; a tree is rendered into a {@link FlatView}. Every change is its own
 * transaction unless one is open. Not thread-safe.
 */
public abstract sealed class MemoryRegion {

  /** So many are gone through as fast as a set would find one of them. */
  private static final int FEW_SPACES = 8;

  private final GuestMemory memory;
  private final String name;

  /** Shared until there is one, since most regions never have any. */
  private Subregions below = Subregions.NONE;

  private long inserted;
  private ByteSize size;
  private boolean enabled = true;
  private boolean readonly;
  private boolean nonvolatile;
  private boolean unmergeable;
  private long address;
  private int priority;
  private long age;
  private @Nullable MemoryRegion container;
  private @Nullable String owner;

  /** Whether there is a window to it, used or not. */
  private boolean hasWindow;

  /** The first of the windows to it that are in a container, a window or an address space. */
  private @Nullable Alias windows;

  /** The view for which it stands, if there is one. */
  private @Nullable RenderedRoot rendered;

  private Collection<AddressSpace> examinedFor = List.of();

  /** What was outdated in a transaction already, if anything ever was. */
  private @Nullable OutdatedOffsets outdated;

  private MemoryRegion(GuestMemory memory, String name, ByteSize size) {
    this.memory = memory;
    this.name = name;
    this.size = size;
  }

  /** RAM (R-AS-1). */
  public static final class Ram extends MemoryRegion {
    private final boolean protectedRam;
    private @Nullable RamDiscardManager discardManager;

    Ram(GuestMemory memory, String name, ByteSize size, boolean protectedRam) {
      super(memory, name, size);
      this.protectedRam = protectedRam;
    }

    /** Whether devices must not reach it, e.g. SGX enclave pages (R-AS-11). */
    public boolean isProtected() {
      return protectedRam;
    }

    /** Who says which parts are plugged, for RAM whose parts come and go (R-AS-90). */
    public Optional<RamDiscardManager> discardManager() {
      return Optional.ofNullable(discardManager);
    }

    /**
     * Attaches the manager; before the region is mapped anywhere (R-AS-90).
     *
     * @throws IllegalStateException if there is one already, or the region is in a container
     */
    public void setDiscardManager(RamDiscardManager manager) {
      if (container().isPresent()) {
        throw new IllegalStateException(
            name() + " is mapped; a discard manager comes before that (R-AS-90)");
      }
      if (discardManager != null) {
        throw new IllegalStateException(name() + " has a discard manager");
      }
      discardManager = manager;
    }
  }

  /** ROM: RAM that nobody writes (R-AS-2). */
  public static final class Rom extends MemoryRegion {
    Rom(GuestMemory memory, String name, ByteSize size) {
      super(memory, name, size);
      super.readonly = true;
    }
  }

  /** A ROM device such as flash: reads like memory in romd mode, but is no RAM (R-AS-3). */
  public static final class RomDevice extends MemoryRegion {
    private boolean romdMode = true;

    RomDevice(GuestMemory memory, String name, ByteSize size) {
      super(memory, name, size);
    }

    /** Whether reads go straight to the backing memory. */
    public boolean isRomdMode() {
      return romdMode;
    }

    /** Turns direct reads on or off. */
    public void setRomdMode(boolean romdMode) {
      if (this.romdMode != romdMode) {
        change(() -> {
          this.romdMode = romdMode;
          outdateAll();
        });
      }
    }
  }

  /** Device memory that the host maps, such as a BAR of an assigned device (R-AS-4). */
  public static final class RamDevice extends MemoryRegion {
    RamDevice(GuestMemory memory, String name, ByteSize size) {
      super(memory, name, size);
    }
  }

  /** I/O that traps into a device model (R-AS-5). */
  public static final class Io extends MemoryRegion {
    Io(GuestMemory memory, String name, ByteSize size) {
      super(memory, name, size);
    }
  }

  /** A window to part of another region (R-AS-6). */
  public static final class Alias extends MemoryRegion {
    private final MemoryRegion target;
    private long targetOffset;
    private int uses;
    private @Nullable Alias previous;
    private @Nullable Alias next;

    Alias(GuestMemory memory, String name, MemoryRegion target, long targetOffset, ByteSize size) {
      super(memory, name, size);
      target.hasWindow = true;
      this.target = target;
      this.targetOffset = targetOffset;
    }

    /** What the window shows. */
    public MemoryRegion target() {
      return target;
    }

    /** Where in the target the window begins, in bytes. */
    public long targetOffset() {
      return targetOffset;
    }

    /** Moves the window over the target; order among siblings stays (R-AS-22). */
    public void setTargetOffset(long offset) {
      if (targetOffset != offset) {
        change(() -> {
          targetOffset = offset;
          outdateAll();
          unresolve();
        });
      }
    }

    /** The next window to the same target. */
    @Nullable Alias next() {
      return next;
    }

    /**
     * Says that something shows a region. A window that something shows is known to its target, so
     * that the target's changes are followed through it; others may be forgotten.
     */
    static void use(MemoryRegion region) {
      MemoryRegion used = region;
      while (used instanceof Alias window && window.uses++ == 0) {
        used = window.target;
        window.next = used.windows;
        if (window.next != null) {
          window.next.previous = window;
        }
        used.windows = window;
      }
    }

    /** Says that what showed a region shows it no more. */
    static void unuse(MemoryRegion region) {
      MemoryRegion used = region;
      while (used instanceof Alias window && --window.uses == 0) {
        used = window.target;
        if (window.next != null) {
          window.next.previous = window.previous;
        }
        if (window.previous != null) {
          window.previous.next = window.next;
        } else {
          used.windows = window.next;
        }
        window.previous = null;
        window.next = null;
      }
    }
  }

  /** A region that only holds others (R-AS-7). */
  public static final class Container extends MemoryRegion {
    Container(GuestMemory memory, String name, ByteSize size) {
      super(memory, name, size);
    }
  }

  /** A region whose addresses a vIOMMU translates (R-AS-8). Its subregions win over it. */
  public static final class Iommu extends MemoryRegion {
    private final IommuModel model;
    private final NotifierList notifiers;

    Iommu(GuestMemory memory, String name, ByteSize size, IommuModel model) {
      super(memory, name, size);
      this.model = model;
      this.notifiers = new NotifierList(name, model);
    }

    /** What translates. */
    public IommuModel model() {
      return model;
    }

    /** The registered notifiers, newest first. */
    public List<IommuNotifier> notifiers() {
      return notifiers.all();
    }

    /**
     * Adds a notifier at the head of the list and tells the model when the union of all flags
     * changed; if the model refuses, the notifier is taken out again (R-AS-83).
     *
     * @throws IllegalStateException if the notifier is registered already
     */
    public Optional<QemuError> register(IommuNotifier notifier) {
      return notifiers.register(notifier);
    }

    /** Removes a notifier; an error of the model is ignored (R-AS-83). */
    public void unregister(IommuNotifier notifier) {
      notifiers.unregister(notifier);
    }

    /** Delivers an event to every notifier that wants it (R-AS-84). */
    public void notifyAll(IotlbEvent event) {
      notifiers.deliver(event);
    }

    /** Delivers a run of events as the other form does one after the other. */
    public void notifyAll(IotlbRun run) {
      notifiers.deliver(run);
    }
  }

  /** The name, as {@code info mtree} prints it. Names need not be unique. */
  public final String name() {
    return name;
  }

  /** The size in bytes. */
  public final ByteSize size() {
    return size;
  }

  /** The size of all that ends at an offset; the same value where that is all of the region. */
  final ByteSize sizeIfLast(long lastOffset) {
    return !size.isZero() && size.lastOffset() == lastOffset
        ? size
        : ByteSize.ofLastOffset(lastOffset);
  }

  /** Whether the region and what is below it is rendered at all (R-AS-30). */
  public final boolean isEnabled() {
    return enabled;
  }

  /** Whether writes are refused here and in everything below (R-AS-31). */
  public final boolean isReadonly() {
    return readonly;
  }

  /** Whether the contents survive a power loss. */
  public final boolean isNonvolatile() {
    return nonvolatile;
  }

  /** Whether flat ranges of it are never merged (only QEMU 10, R-AS-36). */
  public final boolean isUnmergeable() {
    return unmergeable;
  }

  /** The offset in the container, in bytes. */
  public final long address() {
    return address;
  }

  /** The priority among siblings; higher wins (R-AS-20). */
  public final int priority() {
    return priority;
  }

  /** What contains the region, empty while it stands alone. */
  public final Optional<MemoryRegion> container() {
    return Optional.ofNullable(container);
  }

  /** The direct subregions as they are now, the winning one first (R-AS-20). */
  public final List<MemoryRegion> subregions() {
    return List.copyOf(below.all());
  }

  /** The direct subregions, by where they are. */
  final Subregions below() {
    return below;
  }

  /** Which of the container's subregions came first: the older is less. */
  final long age() {
    return age;
  }

  /** What contains it and shows what it contains, which a window does not. */
  final @Nullable MemoryRegion inContainer() {
    return container instanceof Alias ? null : container;
  }

  /** The first of the windows through which it is shown. */
  final @Nullable Alias windows() {
    return windows;
  }

  final @Nullable RenderedRoot rendered() {
    return rendered;
  }

  final void setRendered(@Nullable RenderedRoot rendered) {
    this.rendered = rendered;
  }

  /** Says that it was looked at to find what stands for an address space. */
  final void addExaminedFor(AddressSpace space) {
    if (examinedFor.isEmpty()) {
      examinedFor = new ArrayList<>(1);
    } else if (examinedFor.size() == FEW_SPACES) {
      examinedFor = new LinkedHashSet<>(examinedFor);
    }
    examinedFor.add(space);
  }

  final void removeExaminedFor(AddressSpace space) {
    examinedFor.remove(space);
  }

  /**
   * Says that the offsets [first, last] show something else.
   *
   * @return whether that was said in this transaction, so that all that shows them knows
   */
  final boolean wasOutdated(int transaction, long first, long last) {
    if (outdated == null) {
      outdated = new OutdatedOffsets();
    }
    return outdated.add(transaction, first, last);
  }

  /** The device the region belongs to, by name; empty if it belongs to the machine. */
  public final Optional<String> owner() {
    return Optional.ofNullable(owner);
  }

  /** Says which device the region belongs to. */
  public final void setOwner(String device) {
    owner = device;
  }

  /** Whether it is memory the host can map: RAM, ROM or device memory (R-AS-1 .. R-AS-4). */
  public final boolean isRam() {
    return this instanceof Ram || this instanceof Rom || this instanceof RamDevice;
  }

  /** Whether there is memory of the host behind it, so that it takes part in dirty logging. */
  final boolean hasRamBlock() {
    return isRam() || this instanceof RomDevice;
  }

  /** Whether its memory is part of a migration; device memory is not (R-AS-39). */
  final boolean isMigratable() {
    return hasRamBlock() && !(this instanceof RamDevice);
  }

  /** Whether rendering ends here: everything but containers and aliases (R-AS-34). */
  final boolean terminates() {
    return !(this instanceof Container || this instanceof Alias);
  }

  /** Shows or hides the region; order among siblings stays (R-AS-22). */
  public final void setEnabled(boolean enabled) {
    if (this.enabled != enabled) {
      change(() -> {
        outdateAll();
        this.enabled = enabled;
        outdated = null; // what changes while it is off is not followed
        outdateAll();
        if (container != null) {
          container.below.enabledChanged(enabled);
          container.unresolveIfFew();
        }
        unresolve();
      });
    }
  }

  /** Makes the region and all below read-only, or writable again. */
  public final void setReadonly(boolean readonly) {
    if (this.readonly != readonly) {
      change(() -> {
        this.readonly = readonly;
        outdateAll();
      });
    }
  }

  /** Marks the contents as surviving a power loss. */
  public final void setNonvolatile(boolean nonvolatile) {
    if (this.nonvolatile != nonvolatile) {
      change(() -> {
        this.nonvolatile = nonvolatile;
        outdateAll();
      });
    }
  }

  /** Keeps flat ranges of the region apart. */
  public final void setUnmergeable(boolean unmergeable) {
    if (this.unmergeable != unmergeable) {
      change(() -> {
        this.unmergeable = unmergeable;
        outdateAll();
      });
    }
  }

  /** Changes the size; order among siblings stays (R-AS-22). */
  public final void setSize(ByteSize size) {
    if (!this.size.equals(size)) {
      change(() -> {
        ByteSize before = this.size;
        boolean grows =
            before.isZero() || !size.isZero() && U64.less(before.lastOffset(), size.lastOffset());
        if (grows) {
          resize(size);
          outdate(before.lowBits(), size.lastOffset());
        } else {
          outdate(size.lowBits(), before.lastOffset());
          resize(size);
          outdated = null; // what changes behind its end is not followed
        }
        unresolve();
      });
    }
  }

  private void resize(ByteSize size) {
    if (container == null) {
      this.size = size;
    } else {
      container.below.remove(this);
      this.size = size;
      container.below.insert(this);
    }
  }

  /**
   * Moves the region in its container; it becomes the newest among equals (R-AS-22). Nothing
   * happens if it is at this address already.
   */
  public final void setAddress(long address) {
    if (this.address == address) {
      return;
    }
    change(() -> {
      if (container == null) {
        this.address = address;
      } else {
        container.outdateBelow(this);
        container.below.remove(this);
        this.address = address;
        container.insert(this);
        container.outdateBelow(this);
      }
      if (rendered != null) {
        memory.views().outdateAll(rendered);
      }
      unresolve();
    });
  }

  /** Adds a subregion with priority 0. */
  public final void add(long address, MemoryRegion subregion) {
    add(address, subregion, 0);
  }

  /**
   * Adds a subregion. Among equal priorities the newest wins (R-AS-20).
   *
   * @param address the offset in this region, in bytes
   * @param subregion a region without a container
   * @param priority higher wins
   * @throws IllegalStateException if the subregion has a container (R-AS-12)
   * @throws IllegalArgumentException if the subregion is of another VM, or if this region would
   *     show itself, which could never be rendered
   */
  public final void add(long address, MemoryRegion subregion, int priority) {
    if (!subregion.belongsTo(memory)) {
      throw new IllegalArgumentException(subregion.name + " belongs to another VM than " + name);
    }
    if (subregion.container != null) {
      throw new IllegalStateException(
          subregion.name + " is in " + subregion.container.name + "; use an alias");
    }
    boolean isSeen = container != null || hasWindow;
    if (subregion == this || isSeen && Reach.shows(subregion, this)) {
      throw new IllegalArgumentException(name + " would show itself through " + subregion.name);
    }
    memory.begin();
    subregion.container = this;
    subregion.address = address;
    subregion.priority = priority;
    insert(subregion);
    Alias.use(subregion);
    outdateBelow(subregion);
    unresolveIfFew();
    if (subregion.rendered != null) {
      memory.views().outdateAll(subregion.rendered); // its address counts
    }
    subregion.unresolve();
    memory.end();
  }

  /**
   * Takes a subregion out.
   *
   * @throws IllegalStateException if it is not in this region
   */
  public final void remove(MemoryRegion subregion) {
    if (subregion.container != this) {
      throw new IllegalStateException(subregion.name + " is not in " + name);
    }
    memory.begin();
    outdateBelow(subregion);
    below.remove(subregion);
    subregion.container = null;
    Alias.unuse(subregion);
    unresolveIfFew();
    memory.end();
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName() + " " + name + " " + size;
  }

  /** Whether the region was made by this memory. */
  final boolean belongsTo(GuestMemory other) {
    return memory == other;
  }

  final void change(Runnable change) {
    memory.begin();
    try {
      change.run();
    } finally {
      memory.end();
    }
  }

  /** All that the region shows is to be rendered anew. */
  final void outdateAll() {
    if (!size.isZero()) {
      outdate(0, size.lastOffset());
    }
  }

  private void outdate(long first, long last) {
    memory.views().outdate(this, first, last);
  }

  /** What a subregion shows in this region is to be rendered anew. */
  private void outdateBelow(MemoryRegion subregion) {
    if (subregion.enabled && !subregion.size.isZero() && !(this instanceof Alias)) {
      long last = U64.addSaturated(subregion.address, subregion.size.lastOffset());
      outdate(subregion.address, last);
    }
  }

  /** Another region may stand for the address spaces that this one was looked at for. */
  final void unresolve() {
    if (!examinedFor.isEmpty()) { // most are looked at for none
      memory.views().unresolve(examinedFor);
    }
  }

  /** The same after a change of which subregions are enabled, which only counts while few are. */
  private void unresolveIfFew() {
    if (below.enabled() <= 2) {
      unresolve();
    }
  }

  private void insert(MemoryRegion subregion) {
    if (below == Subregions.NONE) {
      below = new Subregions();
    }
    subregion.age = inserted++;
    below.insert(subregion);
  }
}
