package io.github.stopcopy.viommu.amd;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.testkit.VirtualIommuContract;
import java.util.List;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract of vIOMMUs, in every release. */
@ParameterizedClass
@EnumSource
class AmdIommuContractTest extends VirtualIommuContract {

  @Parameter private QemuProfile profile;

  @Override
  protected VirtualIommuProvider provider() {
    return new AmdIommuProvider();
  }

  @Override
  protected QemuProfile profile() {
    return profile;
  }

  @Override
  protected List<String> settings() {
    return playsGuestActions() ? List.of("dma-remap=on") : List.of();
  }

  @Override
  protected boolean playsGuestActions() {
    return profile.isFrom(QemuProfile.V10_2);
  }
}
