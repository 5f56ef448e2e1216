package io.github.stopcopy.vfiopci.device;

import io.github.stopcopy.core.address.AddressRange;
import io.github.stopcopy.core.address.PciAddress;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.error.QemuError;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.VfioDeviceState;
import io.github.stopcopy.core.property.OnOffAuto;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.HostIommu;
import io.github.stopcopy.vfiopci.VfioContainer;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.environment.PciIds;
import io.github.stopcopy.vfiopci.environment.VfioEnvironment;
import io.github.stopcopy.vfiopci.tracking.DeviceLog;
import io.github.stopcopy.vfiopci.tracking.TrackedDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An assigned PCI device. It is created from its properties, told where it was {@link Attachment
 * attached}, and may then get a {@link VfioMigration migration object}. Not thread-safe.
 */
public final class VfioPciDevice implements VfioDevice, TrackedDevice {

  /** The error of a device that the VM has already (R-PROP-22). */
  public static final String ALREADY_ATTACHED = "device is already attached";

  private static final String CLASS_CODE = "x-pci-class-code";
  private static final long ETHERNET = 0x0200;

  /** The size of an entry of the MSI-X table in bytes. */
  private static final int MSIX_ENTRY = 16;

  private static final String MULTIFD_TRANSFER = "x-migration-multifd-transfer";
  private static final String CLIQUE = "x-nv-gpudirect-clique";

  private final VfioEnvironment vfio;
  private final String name;
  private final Optional<String> id;
  private final PciAddress address;
  private final PropertyValues values;
  private final HostDevice facts;
  private final List<HostDevice.Bar> mappedBars;
  private @Nullable Attachment attachment;
  private @Nullable DeviceLog log;
  private @Nullable VfioMigration migration;

  private VfioPciDevice(
      VfioEnvironment vfio,
      String name,
      Optional<String> id,
      PciAddress address,
      PropertyValues values,
      HostDevice facts) {
    this.vfio = vfio;
    this.name = name;
    this.id = id;
    this.address = address;
    this.values = values;
    this.facts = facts;
    this.mappedBars = mappedBars(values, facts);
  }

  /**
   * Checks a device's properties as realize does (R-PROP-8a, R-PROP-20 .. R-PROP-27). A device that
   * is attached already is told apart before them.
   *
   * @param vfio what VFIO needs of the rest
   * @param isAttached whether a device with this name is attached
   * @param id the id from the command line
   * @param address where it sits
   * @param values its properties
   * @param facts what the host knows of it
   * @return the device, not attached yet, or QEMU's error, with the device's prefix where it has
   *     one
   */
  public static Result<VfioPciDevice> create(
      VfioEnvironment vfio,
      Predicate<String> isAttached,
      Optional<String> id,
      PciAddress address,
      PropertyValues values,
      HostDevice facts) {
    if (values.isGiven(CLIQUE) && values.number(CLIQUE) > 15) {
      return Result.failed(QemuError.of("Property " + CLIQUE + ": valid range 0-15"));
    }
    Optional<String> name = nameOf(values);
    if (name.isEmpty()) {
      String fd = values.has("fd") ? "or -device vfio-pci,fd=DEVICE_FD " : "";
      return Result.failed(
          QemuError.of(Errno.EINVAL, "No provided host device")
              .withHint(
                  "Use -device vfio-pci,host=DDDD:BB:DD.F "
                      + fd
                      + "or -device vfio-pci,sysfsdev=PATH_TO_DEVICE"));
    }
    if (values.has("fd") && values.text("fd").isPresent() && !usesIommufd(values)) {
      return Result.failed(QemuError.of("Use FD passing only with iommufd backend"));
    }
    VfioPciDevice device = new VfioPciDevice(vfio, name.get(), id, address, values, facts);
    Optional<QemuError> wrong =
        isAttached.test(name.get())
            ? Optional.of(QemuError.of(ALREADY_ATTACHED))
            : PropertyChecks.beforeAttach(values);
    return wrong.isPresent() ? Result.failed(device.prefixed(wrong.get())) : Result.ok(device);
  }

  /** Why the device cannot show what it is asked to, once it is attached (R-OBS-168). */
  public Optional<QemuError> refusesDisplay() {
    return PropertyChecks.display(name, values).map(this::prefixed);
  }

  /** The name of a device with these properties; empty if they name no device. */
  public static Optional<String> nameOf(PropertyValues values) {
    Optional<String> name = VfioDevice.nameOf(values.text("sysfsdev"), values.text("host"));
    return name.isPresent() || !values.has("fd")
        ? name
        : values.text("fd").map(fd -> "VFIO_FD" + fd);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<String> id() {
    return id;
  }

  /** Where it sits in the guest. */
  public PciAddress address() {
    return address;
  }

  @Override
  public Optional<String> pciId() {
    Optional<String> vendor = shownId("x-pci-vendor-id", 0);
    Optional<String> device = shownId("x-pci-device-id", 1);
    return vendor.isPresent() && device.isPresent()
        ? Optional.of(vendor.get() + ":" + device.get())
        : Optional.empty();
  }

  /** Half of the PCI id: what the owner put in its place, else the device's own (R-PROP-20). */
  private Optional<String> shownId(String property, int half) {
    long given = values.has(property) ? values.number(property) : PciIds.UNSET;
    return given != PciIds.UNSET
        ? Optional.of(String.format("%04x", given))
        : facts.pciId().map(id -> id.split(":")[half]);
  }

  /** Its properties. */
  public PropertyValues values() {
    return values;
  }

  /** The property {@code enable-migration}. */
  public OnOffAuto enableMigration() {
    return values.onOffAuto("enable-migration");
  }

  /** The property {@code x-migration-iommu-pt}; off where it does not exist. */
  @Override
  public boolean isIommuPassthrough() {
    return values.bool("x-migration-iommu-pt");
  }

  /**
   * The id of the network device that is to stand in for it during a migration; with one, the
   * device never migrates itself.
   */
  public Optional<String> failoverStandby() {
    return values.text("failover_pair_id");
  }

  /** Whether its class was set to another; what the host's device is nobody says. */
  public boolean isKnownNotToBeEthernet() {
    return values.has(CLASS_CODE)
        && values.isGiven(CLASS_CODE)
        && values.number(CLASS_CODE) >>> 8 != ETHERNET;
  }

  /** Whether it uses iommufd instead of a container. */
  public boolean usesIommufd() {
    return usesIommufd(values);
  }

  private static boolean usesIommufd(PropertyValues values) {
    return values.has("iommufd") && values.text("iommufd").filter(id -> !id.isEmpty()).isPresent();
  }

  /** What the kernel says about its migration. */
  public HostDevice.MigrationSupport migrationSupport() {
    return attachment().kernel().migrationSupport();
  }

  /** Whether the device logs its own writes; false without a migration object (R-DT-23). */
  public boolean hasDmaLogging() {
    return migration != null && attachment().kernel().hasDmaLogging();
  }

  @Override
  public boolean usesDeviceDirtyTracking() {
    return hasDmaLogging() && !isDeviceDirtyTrackingOff();
  }

  /** Whether the user turned its own log off. */
  public boolean isDeviceDirtyTrackingOff() {
    return values.has("x-device-dirty-page-tracking")
        && values.onOffAuto("x-device-dirty-page-tracking") == OnOffAuto.OFF;
  }

  /** Whether the IOMMU's hardware tracks for it, through iommufd (R-BLK-50). */
  public boolean hasIommuDirtyTracking() {
    return vfio.behaviour().trackedAsIommuDirty()
        && usesIommufd()
        && hostContainer().tracksInHardware();
  }

  @Override
  public VfioContainer container() {
    return attachment().container();
  }

  /** What the host's IOMMU can do for its container. */
  public HostContainer hostContainer() {
    return attachment().pageTables().info();
  }

  /** Its part in migrations, if it has one (R-BLK-23). */
  public Optional<VfioMigration> migration() {
    return Optional.ofNullable(migration);
  }

  /**
   * What the vIOMMU may know of the host's IOMMU behind the device.
   *
   * @param vtd whether it is Intel VT-d
   */
  public HostIommu hostIommu(boolean vtd) {
    return new HostIommu(
        hostContainer().pageSizes(), hostContainer().iovaRanges(), usesIommufd(), vtd);
  }

  /** Whether other devices could reach its BARs if the kernel exported them (R-OBS-101). */
  public boolean lacksDmaBuf() {
    return !facts.dmaBuf() && hasMmaps();
  }

  /** Whether any part of a BAR is mapped: all of it but the pages of the MSI-X table. */
  private boolean hasMmaps() {
    if (values.bool("x-no-mmap")) {
      return false;
    }
    for (Map.Entry<Integer, HostDevice.Bar> bar : facts.bars().entrySet()) {
      if (bar.getValue().mmap()
          && bar.getValue().kind() != HostDevice.BarKind.IO
          && !isAllMsix(bar.getKey(), bar.getValue())) {
        return true;
      }
    }
    return false;
  }

  private boolean isAllMsix(int number, HostDevice.Bar bar) {
    Optional<HostDevice.Msix> msix = facts.msix().filter(found -> found.bar() == number);
    if (msix.isEmpty()) {
      return false;
    }
    long tableEnd = msix.get().offset() + (long) MSIX_ENTRY * msix.get().vectors();
    return U64.alignDown(msix.get().offset(), vfio.pageSize()) == 0
        && U64.lessOrEqual(bar.size(), U64.alignUp(tableEnd, vfio.pageSize()));
  }

  /** The device was put into its group and container. */
  public void attached(Attachment where) {
    attachment = where;
    log = new DeviceLog(name, where.kernel(), vfio.events());
  }

  /** The device was taken out of its group and container. */
  public void detached() {
    attachment = null;
    log = null;
  }

  /** Gives the device a migration object (R-BLK-23). */
  public void openMigration() {
    boolean needsMultifd =
        values.has(MULTIFD_TRANSFER) && values.onOffAuto(MULTIFD_TRANSFER) == OnOffAuto.ON;
    migration = new VfioMigration(name, vfio, attachment().kernel(), needsMultifd);
  }

  /** Takes the migration object away. */
  public void closeMigration() {
    migration = null;
  }

  /** Prefixes an error as realize does (R-BLK-11). */
  public QemuError prefixed(QemuError error) {
    return error.withPrefix("vfio " + name + ": ");
  }

  @Override
  public boolean areBarsDescribed() {
    return !facts.bars().isEmpty();
  }

  @Override
  public boolean hasMappedBars() {
    return !mappedBars().isEmpty();
  }

  @Override
  public List<HostDevice.Bar> mappedBars() {
    return mappedBars;
  }

  private static List<HostDevice.Bar> mappedBars(PropertyValues values, HostDevice facts) {
    List<HostDevice.Bar> mapped = new ArrayList<>(1);
    if (!values.bool("x-no-mmap")) {
      for (HostDevice.Bar bar : facts.bars().values()) {
        if (bar.mmap() && bar.kind() != HostDevice.BarKind.IO) {
          mapped.add(bar);
        }
      }
    }
    return List.copyOf(mapped);
  }

  @Override
  public boolean collectsWhileRunning() {
    return values.onOffAuto("x-pre-copy-dirty-page-tracking") != OnOffAuto.OFF;
  }

  @Override
  public Optional<VfioDeviceState> migrationState() {
    return migration == null ? Optional.empty() : Optional.of(migration.state());
  }

  @Override
  public DeviceLog log() {
    if (log == null) {
      throw notAttached();
    }
    return log;
  }

  @Override
  public List<AddressRange> dmaWrite(AddressRange written) {
    if (migration != null && !migration.state().isRunning()) {
      throw new IllegalStateException(name + " is " + migration.state() + " and cannot write");
    }
    attachment().kernel().dmaWrite(written);
    return attachment().pageTables().dmaWrite(written);
  }

  private Attachment attachment() {
    if (attachment == null) {
      throw notAttached();
    }
    return attachment;
  }

  private IllegalStateException notAttached() {
    return new IllegalStateException(name + " is not attached");
  }
}
