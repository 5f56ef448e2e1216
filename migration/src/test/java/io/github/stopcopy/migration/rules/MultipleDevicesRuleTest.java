package io.github.stopcopy.migration.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.spi.RuleOutcome;
import io.github.stopcopy.migration.spi.VfioDeviceView;
import io.github.stopcopy.migration.spi.VmView;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the rule of several devices looks at; what it decides is in RealizeRulesTest. */
class MultipleDevicesRuleTest {

  private final MultipleDevicesRule rule =
      new MultipleDevicesRule(VfioBehaviour.of(QemuProfile.V10_2));

  /** Applied to each of many devices it would otherwise take the square of them. */
  @Test
  void R_BLK_25_devicesThatAllHaveP2pAreCountedAndNotLookedAt() {
    VmView vm = mock(VmView.class);
    when(vm.migratableDeviceCount()).thenReturn(2048);
    when(vm.migratableDevicesWithoutP2p()).thenReturn(List.of());

    RuleOutcome outcome = rule.apply(mock(VfioDeviceView.class), vm);

    assertThat(outcome).isEqualTo(RuleOutcome.pass());
    verify(vm, never()).migratableDevices();
  }
}
