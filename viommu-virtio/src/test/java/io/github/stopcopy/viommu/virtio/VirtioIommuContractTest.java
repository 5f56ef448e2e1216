package io.github.stopcopy.viommu.virtio;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.testkit.VirtualIommuContract;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of vIOMMUs, in every release. */
@ParameterizedClass
@EnumSource
class VirtioIommuContractTest extends VirtualIommuContract {

  @Parameter private QemuProfile profile;

  @Override
  protected VirtualIommuProvider provider() {
    return new VirtioIommuProvider();
  }

  @Override
  protected QemuProfile profile() {
    return profile;
  }

  @Override
  protected boolean hasDomains() {
    return true;
  }
}
