package io.github.stopcopy.core.guard;

import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertySchema;
import io.github.stopcopy.core.spi.DeviceTypeProvider;

/** A device type of somebody else, under the name it had when it came in. */
public final class GuardedDeviceType implements DeviceTypeProvider {

  private final String name;
  private final DeviceTypeProvider provider;
  private final PluginGuard guard;

  /** Guards a provider. */
  public GuardedDeviceType(String name, DeviceTypeProvider provider, PluginWatch watch) {
    this.name = name;
    this.provider = provider;
    this.guard = new PluginGuard("device type " + name, watch);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public PropertySchema properties(QemuProfile profile) {
    return guard
        .call("properties", () -> provider.properties(profile))
        .blaming(
            wrong -> guard.failure("properties lacks what a device of its kind needs: " + wrong));
  }

  @Override
  public boolean hotpluggable() {
    return guard.call("hotpluggable", provider::hotpluggable);
  }
}
