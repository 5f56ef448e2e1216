package io.github.stopcopy.migration.candidate;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.property.PropertyType;
import io.github.stopcopy.migration.change.Changes;
import io.github.stopcopy.migration.change.VfioDevices;
import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyChange.Action;
import io.github.stopcopy.migration.scenario.Scenario;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What to add to libvirt's XML of a domain so that it has the changes: an attribute where libvirt
 * knows the property, else an override of the device with this alias. Which QEMU runs it is not in
 * the XML.
 */
public final class LibvirtXml {

  /** Properties of vIOMMUs that are attributes of their {@code <driver>}. */
  private static final Map<String, String> IOMMU_ATTRIBUTES =
      Map.of(
          "intremap", "intremap",
          "eim", "eim",
          "caching-mode", "caching_mode",
          "device-iotlb", "iotlb",
          "dma-translation", "dma_translation",
          "xtsup", "xtsup",
          "pt", "passthrough",
          "aw-bits", "aw_bits");

  private static final String NAMESPACE = "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'";

  private static final Map<String, String> IOMMU_MODELS =
      Map.of("intel-iommu", "intel", "amd-iommu", "amd", "virtio-iommu-pci", "virtio");

  private final Scenario scenario;
  private final Plugins types;
  private final Set<String> interfaces;

  /**
   * The XML of a VM.
   *
   * @param scenario the VM
   * @param types who knows the properties of devices
   * @param interfaces the ids of the VFIO devices that stand there as {@code <interface>}
   */
  public LibvirtXml(Scenario scenario, Plugins types, Collection<String> interfaces) {
    this.scenario = scenario;
    this.types = types;
    this.interfaces = Set.copyOf(interfaces);
  }

  /** The elements, a line each; empty if libvirt has no way to make one of the changes. */
  public Optional<String> of(List<RemedyChange> changes) {
    Parts parts = new Parts(scenario.profile());
    for (RemedyChange change : changes) {
      if (!add(parts, change)) {
        return Optional.empty();
      }
    }
    return parts.isEmpty() ? Optional.empty() : Optional.of(parts.text());
  }

  private boolean add(Parts parts, RemedyChange change) {
    if (change instanceof Action action && action.name().equals(Action.UNPLUG_FOR_MIGRATION)) {
      return teaming(parts);
    }
    if (change instanceof RemedyChange.Release release) {
      parts.profile = release.profile();
      return true;
    }
    if (change instanceof RemedyChange.Add add) {
      return iommu(parts, add.driver(), add.settings());
    }
    if (change instanceof RemedyChange.Replace replace) {
      return iommu(parts, replace.driver(), Map.of());
    }
    if (!(change instanceof RemedyChange.Set set)) {
      return false;
    }
    return switch (set.target()) {
      case "machine" -> {
        machine(parts, set);
        yield true;
      }
      case "smp" -> {
        parts.line("<vcpu>" + set.value() + "</vcpu>");
        yield true;
      }
      case "cpu" -> {
        if (!set.property().equals("phys-bits")) {
          yield false;
        }
        parts.line("<cpu> <maxphysaddr mode='emulate' bits='" + set.value() + "'/> </cpu>");
        yield true;
      }
      case "object" -> set.value().equals("iommufd");
      case "host", "migrate", "memory" -> false;
      default -> device(parts, set);
    };
  }

  /** The vIOMMU, of which a domain has one at most. */
  private static boolean iommu(Parts parts, String driver, Map<String, String> settings) {
    String model = IOMMU_MODELS.get(driver);
    if (model == null || !IOMMU_ATTRIBUTES.keySet().containsAll(settings.keySet())) {
      return false;
    }
    StringBuilder attributes = new StringBuilder();
    settings.forEach((property, value) ->
        attributes
            .append(' ')
            .append(IOMMU_ATTRIBUTES.get(property))
            .append("='")
            .append(escaped(value))
            .append('\''));
    parts.line(
        "<iommu model='"
            + model
            + (settings.isEmpty() ? "'/>" : "'> <driver" + attributes + "/> </iommu>"));
    return true;
  }

  private static void machine(Parts parts, RemedyChange.Set set) {
    if (set.property().equals("kernel-irqchip")) {
      String driver = set.value().equals("split") ? "qemu" : "kvm";
      parts.line("<features> <ioapic driver='" + driver + "'/> </features>");
    } else if (Changes.isMachineType(set)) {
      parts.line("<os> <type machine='" + escaped(set.value()) + "'/> </os>");
    } else {
      parts.argument("-machine");
      parts.argument(set.property() + "=" + set.value());
    }
  }

  /**
   * Only network devices can stand aside by themselves, with a virtio device that takes over
   * meanwhile.
   */
  private boolean teaming(Parts parts) {
    List<DeviceConfig> devices = VfioDevices.of(scenario);
    if (devices.isEmpty()
        || !devices.stream().allMatch(d -> d.id().filter(interfaces::contains).isPresent())) {
      return false;
    }
    for (DeviceConfig device : devices) {
      String standby = "ua-standby-" + device.id().orElseThrow().replaceFirst("^ua-", "");
      parts.line("<interface type='hostdev'> " + comment(device.id().orElseThrow()));
      parts.line("  <teaming type='transient' persistent='" + escaped(standby) + "'/>");
      parts.line("</interface>");
      parts.line("<interface type='network'>");
      parts.line("  <model type='virtio'/>");
      parts.line("  <alias name='" + escaped(standby) + "'/>");
      parts.line("  <teaming type='persistent'/>");
      parts.line("</interface>");
    }
    return true;
  }

  private boolean device(Parts parts, RemedyChange.Set set) {
    List<DeviceConfig> named = new ArrayList<>();
    for (DeviceConfig device : scenario.vm().devices()) {
      if (device.id().equals(Optional.of(set.target()))) {
        named = List.of(device);
        break;
      } else if (device.driver().equals(set.target())) {
        named.add(device);
      }
    }
    for (DeviceConfig device : named) {
      if (!device(parts, device, set)) {
        return false;
      }
    }
    return !named.isEmpty();
  }

  private boolean device(Parts parts, DeviceConfig device, RemedyChange.Set set) {
    String model = IOMMU_MODELS.get(device.driver());
    String attribute = IOMMU_ATTRIBUTES.get(set.property());
    if (model != null && attribute != null) {
      parts.line(
          "<iommu model='"
              + model
              + "'> <driver "
              + attribute
              + "='"
              + set.value()
              + "'/> </iommu>");
      return true;
    }
    if (device.id().isEmpty()) {
      return false;
    }
    String id = device.id().get();
    if (set.property().equals("iommufd")) {
      parts.line(
          (interfaces.contains(id) ? "<interface type='hostdev'> " : "<hostdev> ")
              + comment(id)
              + " <driver iommufd='yes'/> "
              + (interfaces.contains(id) ? "</interface>" : "</hostdev>"));
    } else {
      parts.override(id, property(parts.profile, device, set));
    }
    return true;
  }

  private String property(QemuProfile profile, DeviceConfig device, RemedyChange.Set set) {
    PropertyType type =
        types
            .deviceTypes()
            .find(device.driver())
            .map(provider -> provider.properties(profile))
            .flatMap(schema -> schema.definition(set.property()))
            .map(PropertyDefinition::type)
            .orElse(
                set.property().equals("bypass_iommu")
                    ? new PropertyType.Bool()
                    : new PropertyType.Switch());
    String kind = "string";
    String value = set.value();
    if (type instanceof PropertyType.Bool) {
      kind = "bool";
      value = PropertyType.Bool.parse(value).orElse(false) ? "true" : "false";
    } else if (type instanceof PropertyType.Unsigned || type instanceof PropertyType.Size) {
      kind = "unsigned";
    }
    return "<qemu:property name='"
        + set.property()
        + "' type='"
        + kind
        + "' value='"
        + escaped(value)
        + "'/>";
  }

  private static String escaped(String value) {
    return value.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;");
  }

  /** Comments have no two hyphens beside each other. */
  private static String comment(String id) {
    return "<!-- " + id.replace("--", "- -") + " -->";
  }

  /** Lines of libvirt's own, then overrides by alias, then arguments. */
  private static final class Parts {

    private final List<String> lines = new ArrayList<>();
    private final Map<String, List<String>> overrides = new LinkedHashMap<>();
    private final List<String> arguments = new ArrayList<>();
    private QemuProfile profile;

    Parts(QemuProfile profile) {
      this.profile = profile;
    }

    void line(String line) {
      lines.add(line);
    }

    void override(String alias, String property) {
      overrides.computeIfAbsent(alias, name -> new ArrayList<>()).add(property);
    }

    void argument(String word) {
      arguments.add(word);
    }

    boolean isEmpty() {
      return lines.isEmpty() && overrides.isEmpty() && arguments.isEmpty();
    }

    String text() {
      List<String> all = new ArrayList<>(lines);
      if (!overrides.isEmpty()) {
        all.add("<qemu:override " + NAMESPACE + ">");
        overrides.forEach((alias, properties) -> {
          all.add("  <qemu:device alias='" + escaped(alias) + "'>");
          all.add("    <qemu:frontend>");
          properties.forEach(property -> all.add("      " + property));
          all.add("    </qemu:frontend>");
          all.add("  </qemu:device>");
        });
        all.add("</qemu:override>");
      }
      if (!arguments.isEmpty()) {
        all.add("<qemu:commandline " + NAMESPACE + ">");
        arguments.forEach(word -> all.add("  <qemu:arg value='" + word + "'/>"));
        all.add("</qemu:commandline>");
      }
      return String.join("\n", all);
    }
  }
}
