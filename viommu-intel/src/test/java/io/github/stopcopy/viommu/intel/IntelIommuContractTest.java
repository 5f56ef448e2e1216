package io.github.stopcopy.viommu.intel;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.testkit.VirtualIommuContract;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The contract of vIOMMUs, in every release. */
class IntelIommuContractTest {

  private abstract static class Contract extends VirtualIommuContract {
    private final QemuProfile profile;

    Contract(QemuProfile profile) {
      this.profile = profile;
    }

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

  @Nested
  class In81 extends Contract {
    In81() {
      super(QemuProfile.V8_1);
    }
  }

  @Nested
  class In81IommuPt extends Contract {
    In81IommuPt() {
      super(QemuProfile.V8_1_IOMMU_PT);
    }
  }

  @Nested
  class In102 extends Contract {
    In102() {
      super(QemuProfile.V10_2);
    }
  }

  @Nested
  class In110 extends Contract {
    In110() {
      super(QemuProfile.V11_0);
    }
  }
}
