package io.github.stopcopy.migration.vm;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.plugins;
import static io.github.stopcopy.migration.TestVm.q35;
import static io.github.stopcopy.migration.TestVm.vfio;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.spi.RuleOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a VM is played with, and what it is without being told. */
class VmBuilderTest {

  @Test
  void withoutMoreItIsTheNewestQemuOnACapableHostUnderTheRulesOfQemu() throws Exception {
    Vm vm = Vm.builder(q35(vfio(A))).plugins(plugins()).build();
    vm.boot();

    assertThat(vm.view().profile()).isEqualTo(QemuProfile.newest());
    assertThat(vm.deviceViews()).hasSize(1);
    assertThat(vm.migrate(Set.of(), false)).isEmpty();
    assertThat(vm.migrationStatus().qapiName()).isEqualTo("completed");
  }

  @Test
  void rulesTakeThePlaceOfThoseOfQemu() throws Exception {
    List<String> asked = new ArrayList<>();
    Vm vm =
        Vm.builder(q35(vfio(A)))
            .plugins(plugins())
            .rules(
                List.of((device, view) -> {
                  asked.add(device.name());
                  return RuleOutcome.pass();
                }))
            .build();
    vm.boot();

    assertThat(asked).containsExactly(A);
  }
}
