package io.github.stopcopy.live;

import io.github.stopcopy.core.spi.GuestAction.ContextMode;
import io.github.stopcopy.migration.scenario.Step;
import io.github.stopcopy.migration.scenario.Step.ViommuOperation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What a guest has done to its Intel vIOMMU, as the steps that do the same on the model. */
final class GuestSteps {

  private final List<Step> steps = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  GuestSteps(List<LiveDevice> devices, GuestTranslation translation) {
    boolean isIntel = devices.stream().anyMatch(device -> device.type().equals("intel-iommu"));
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
      if (!translation.knows(devfn)) {
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
