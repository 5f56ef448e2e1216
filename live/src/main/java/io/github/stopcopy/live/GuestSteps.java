package io.github.stopcopy.live;

import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What a guest has done to its Intel vIOMMU, as the steps that do the same on the model. */
final class GuestSteps {

  private final List<Step> steps = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /**
   * Compares devices with what their address spaces show.
   *
   * @param isRootBypassed whether the vIOMMU leaves out the machine's own bus
   */
  GuestSteps(List<LiveDevice> devices, GuestTranslation translation, boolean isRootBypassed) {
    Map<String, LiveDevice> all = LiveDevices.byPathAndId(devices);
    boolean isIntel = devices.stream().anyMatch(device -> device.type().equals("intel-iommu"));
    if (!isIntel) {
      noteUnseen(devices);
    }
    if (!isIntel || !translation.isOn()) {
      return;
    }
    List<String> translated = new ArrayList<>();
    for (LiveDevice device : devices) {
      Optional<String> name = device.id().or(device::vfioName);
      if (!device.isVfio() || name.isEmpty() || device.devfn().isEmpty()) {
        continue;
      }
      long devfn = device.devfn().get();
      if (!translation.knows(devfn) || isBypassed(device, all, isRootBypassed)) {
        continue;
      }
      if (translation.isOpenFor(devfn)) {
        notes.add(
            "The guest translates the DMA of some device in slot and function of "
                + name.get()
                + ", and QEMU does not tell of which bus; it is taken for that one.");
      }
      boolean isOn = translation.isOnFor(devfn) || translation.isOpenFor(devfn);
      if (isOn) {
        translated.add(name.get());
      }
      steps.add(
          step(
              ViommuOperation.CONTEXT,
              name,
              Optional.of(isOn ? ContextMode.TRANSLATE : ContextMode.PASSTHROUGH)));
    }
    steps.add(step(ViommuOperation.SET_ROOT, Optional.empty(), Optional.empty()));
    steps.add(step(ViommuOperation.ENABLE, Optional.empty(), Optional.empty()));
    notes.add(
        "The guest has turned its vIOMMU on"
            + (translated.isEmpty()
                ? ", and lets VFIO devices pass."
                : " and translates the DMA of " + String.join(", ", translated) + "."));
  }

  /** Of other vIOMMUs QEMU does not show what the guest does, so that nobody knows. */
  private void noteUnseen(List<LiveDevice> devices) {
    for (LiveDevice device : devices) {
      if (device.isVirtualIommu() && devices.stream().anyMatch(LiveDevice::isVfio)) {
        notes.add(
            "What the guest does with its "
                + device.type()
                + " QEMU does not tell: the VM is judged as if it had done nothing yet.");
      }
    }
  }

  private static boolean isBypassed(
      LiveDevice device, Map<String, LiveDevice> all, boolean isRootBypassed) {
    Set<LiveDevice> seen = new HashSet<>();
    Optional<LiveDevice> parent = LiveDevices.parent(device, all);
    while (parent.isPresent() && seen.add(parent.get())) {
      if (parent.get().type().startsWith("pxb")) {
        QmpValue bypass = parent.get().properties().get("bypass_iommu");
        return bypass != null && bypass.bool().orElse(false);
      }
      parent = LiveDevices.parent(parent.get(), all);
    }
    return isRootBypassed;
  }

  private static Step step(
      ViommuOperation operation, Optional<String> device, Optional<ContextMode> mode) {
    return new Step.Viommu(
        operation, device, mode, OptionalInt.empty(), OptionalInt.empty(), 0, 0, 1);
  }

  List<Step> steps() {
    return steps;
  }

  List<String> notes() {
    return notes;
  }
}
