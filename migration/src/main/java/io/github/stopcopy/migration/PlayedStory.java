package io.github.stopcopy.migration;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.GlobalProperty;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.memory.AddressSpace;
import io.github.stopcopy.core.memory.FlatRange;
import io.github.stopcopy.core.memory.MemoryRegion;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.core.spi.IovaLimits;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.scenario.Story;
import io.github.stopcopy.migration.spi.PlayedVm;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.migration.vm.FailoverPrimary;
import io.github.stopcopy.vfiopci.VfioDevice;
import io.github.stopcopy.vfiopci.VfioPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A VM that was played and judged, as rules see it. */
final class PlayedStory implements PlayedVm {

  /** The address space of the processor. */
  private static final String SYSTEM = "memory";

  /** What the device types that are there say of their properties. */
  static final class Types {

    private final Plugins plugins;
    private final QemuProfile profile;
    private final Map<String, Optional<PropertySchema>> schemas = new HashMap<>();

    Types(Plugins plugins, QemuProfile profile) {
      this.plugins = plugins;
      this.profile = profile;
    }

    private boolean isVirtualIommu(DeviceConfig device) {
      return plugins.virtualIommus().isOffered(device.driver());
    }

    private Optional<PropertySchema> schema(DeviceConfig device) {
      return schemas.computeIfAbsent(
          device.driver(),
          driver ->
              plugins
                  .deviceTypes()
                  .find(driver)
                  .or(() ->
                      plugins.virtualIommus().find(driver).map(DeviceTypeProvider.class::cast))
                  .map(type -> type.properties(profile)));
    }
  }

  private final Story story;
  private final Types types;
  private final VmView view;
  private final List<DeviceConfig> vfioConfigs;
  private final Map<String, Map<String, String>> globals = new HashMap<>();
  private final Map<String, List<String>> reasonCodes = new LinkedHashMap<>();

  PlayedStory(Story story, Judgement judgement, Types types) {
    this.story = story;
    this.types = types;
    this.view = story.vm().view();
    this.vfioConfigs = VfioDevices.of(story.scenario());
    for (GlobalProperty global : config().globals()) {
      globals
          .computeIfAbsent(global.driver(), driver -> new HashMap<>())
          .put(global.setting().name(), global.setting().value().asText().text());
    }
    for (Reason reason : judgement.reasons()) {
      reason
          .device()
          .ifPresent(
              name -> reasonCodes.computeIfAbsent(name, n -> new ArrayList<>()).add(reason.code()));
    }
  }

  @Override
  public QemuProfile profile() {
    return view.profile();
  }

  @Override
  public long ramSize() {
    return view.ramSize();
  }

  @Override
  public List<VfioDeviceView> migratableDevices() {
    return view.migratableDevices();
  }

  @Override
  public VfioPolicy policy() {
    return view.policy();
  }

  @Override
  public boolean allIommuPassthrough() {
    return view.allIommuPassthrough();
  }

  @Override
  public VmConfig config() {
    return story.scenario().vm();
  }

  @Override
  public HostFacts host() {
    return story.scenario().host();
  }

  @Override
  public boolean isRunning() {
    return story.vm().exitCode().isEmpty();
  }

  @Override
  public List<DeviceConfig> vfioConfigs() {
    return vfioConfigs;
  }

  @Override
  public List<VfioDeviceView> devices() {
    return story.vm().deviceViews();
  }

  @Override
  public List<String> devicesBeforeVirtualIommu() {
    return story.vm().devicesBeforeVirtualIommu().stream().map(VfioDevice::name).toList();
  }

  @Override
  public Map<String, String> primariesWithoutStandby() {
    Map<String, String> alone = new LinkedHashMap<>();
    for (FailoverPrimary primary : story.vm().failoverPrimaries()) {
      if (!primary.paired()) {
        alone.put(primary.device(), primary.standby());
      }
    }
    return alone;
  }

  @Override
  public Optional<DeviceConfig> virtualIommuConfig() {
    return config().devices().stream().filter(types::isVirtualIommu).findFirst();
  }

  @Override
  public Optional<IovaLimits> virtualIommuLimits() {
    return isRunning() ? story.vm().virtualIommuLimits() : Optional.empty();
  }

  @Override
  public OptionalLong lastAddress() {
    if (!isRunning()) {
      return OptionalLong.empty();
    }
    OptionalLong last = OptionalLong.empty();
    for (AddressSpace space : story.vm().addressSpaces()) {
      if (space.name().equals(SYSTEM)) {
        for (FlatRange range : space.view().ranges()) { // ascending
          if (range.region() instanceof MemoryRegion.Ram
              || range.region() instanceof MemoryRegion.RamDevice) {
            last = OptionalLong.of(range.range().last());
          }
        }
      }
    }
    return last;
  }

  @Override
  public Optional<String> setting(DeviceConfig device, String property) {
    return device
        .setting(property)
        .or(() ->
            Optional.ofNullable(globals.getOrDefault(device.driver(), Map.of()).get(property)));
  }

  @Override
  public List<QemuProfile> releasesWith(DeviceConfig device, String property) {
    return types.schema(device).map(schema -> schema.existsIn(property)).orElse(List.of());
  }

  @Override
  public List<String> reasonCodes(String device) {
    return List.copyOf(reasonCodes.getOrDefault(device, List.of()));
  }
}
