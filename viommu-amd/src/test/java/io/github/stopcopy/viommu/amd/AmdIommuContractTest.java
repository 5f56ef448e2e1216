package io.github.stopcopy.viommu.amd;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.spi.VirtualIommuProvider;
import io.github.stopcopy.testkit.VirtualIommuContract;
import org.junit.jupiter.api.Nested;

/** The contract of vIOMMUs, in every release. */
class AmdIommuContractTest {

  private abstract static class Contract extends VirtualIommuContract {
    private final QemuProfile profile;

    Contract(QemuProfile profile) {
      this.profile = profile;
    }

    @Override
    protected VirtualIommuProvider provider() {
      return new AmdIommuProvider();
    }

    @Override
    protected QemuProfile profile() {
      return profile;
    }

    @Override
    protected boolean playsGuestActions() {
      return false;
    }
  }

  @Nested
  class In81 extends Contract {
    In81() {
      super(QemuProfile.V8_1);
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
