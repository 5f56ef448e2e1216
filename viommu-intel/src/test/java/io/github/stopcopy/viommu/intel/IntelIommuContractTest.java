package io.github.stopcopy.viommu.intel;

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
class IntelIommuContractTest extends VirtualIommuContract {

  @Parameter private QemuProfile profile;

  @Override
  protected VirtualIommuProvider provider() {
    return new IntelIommuProvider();
  }

  @Override
  protected QemuProfile profile() {
    return profile;
  }

  @Override
  protected List<String> settings() {
    return List.of("intremap=on", "caching-mode=on", "aw-bits=48");
  }
}
