package io.github.stopcopy.core.guard;

import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.error.Result;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.property.PropertyValues;
import io.github.stopcopy.core.spi.MachineFacts;
import io.github.stopcopy.core.spi.VirtualIommu;
import io.github.stopcopy.core.spi.VirtualIommuProvider;

/**
 * A vIOMMU of somebody else, under the name it had when it came in. What it realizes is guarded,
 * and so is what translates for the regions it makes.
 */
public final class GuardedIommuProvider implements VirtualIommuProvider {

  private final String name;
  private final VirtualIommuProvider provider;
  private final PluginGuard guard;
  private final PluginGuard typeGuard;

  /** Guards a provider. */
  public GuardedIommuProvider(String name, VirtualIommuProvider provider, PluginWatch watch) {
    this.name = name;
    this.provider = provider;
    this.guard = new PluginGuard("vIOMMU " + name, watch);
    this.typeGuard = new PluginGuard("device type " + name, watch);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return typeGuard.call("properties", () -> provider.properties(profile));
  }

  @Override
  public boolean hotpluggable() {
    return typeGuard.call("hotpluggable", provider::hotpluggable);
  }

  @Override
  public Result<VirtualIommu> realize(PropertyValues values, MachineFacts machine) {
    machine.memory().guardModels(model -> new GuardedModel(model, guard));
    return guard.call(
        "realize",
        () -> {
          Result<VirtualIommu> realized = provider.realize(values, machine);
          if (realized instanceof Result.Ok<VirtualIommu> ok) {
            return ok.value() == null
                ? null
                : Result.ok(new GuardedIommu(ok.value(), machine, guard));
          } else if (realized instanceof Result.Failed<VirtualIommu> failed) {
            return Result.failed(PluginText.oneLine(failed.error()));
          }
          return null;
        });
  }
}
