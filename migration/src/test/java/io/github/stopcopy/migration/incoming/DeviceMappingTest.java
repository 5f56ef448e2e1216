package io.github.stopcopy.migration.incoming;

import static io.github.stopcopy.migration.TestVm.A;
import static io.github.stopcopy.migration.TestVm.B;
import static io.github.stopcopy.migration.TestVm.C;
import static io.github.stopcopy.migration.TestVm.P2P;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostDevice.MigrationSupport;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.host.HostFactsBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which device of the destination stands in for which of the source, where nobody says. */
class DeviceMappingTest {

  private static final String X = "0000:0a:00.0";
  private static final String Y = "0000:0b:00.0";
  private static final HostDevice NIC = able("15b3:101e");
  private static final HostDevice QAT = able("8086:4941");
  private static final HostDevice OF_NO_KIND = HostDevice.builder().migration(P2P).build();

  private static HostDevice able(String kind) {
    return HostDevice.builder().migration(P2P).pciId(kind).build();
  }

  private static HostFacts host(Map<String, HostDevice> devices) {
    HostFactsBuilder host = HostFacts.builder();
    devices.forEach(host::device);
    return host.build();
  }

  private static HostFacts host(String first, HostDevice one, String second, HostDevice other) {
    Map<String, HostDevice> devices = new LinkedHashMap<>();
    devices.put(first, one);
    devices.put(second, other);
    return host(devices);
  }

  private static DeviceMapping mapping(HostFacts source, HostFacts there, String... names) {
    return DeviceMapping.of(List.of(names), source, there);
  }

  @Test
  void whereAllNamesAreThereTheyAreTheSameDevices() {
    DeviceMapping mapping = mapping(host(A, NIC, B, NIC), host(B, QAT, A, QAT), A, B);
    assertThat(mapping.there()).isEqualTo(Map.of(A, A, B, B));
    assertThat(mapping.isGuess()).isFalse();
  }

  @Test
  void whereOneIsMissingDevicesOfTheSameKindAreTaken() {
    DeviceMapping mapping = mapping(host(A, NIC, B, QAT), host(X, QAT, Y, NIC), A, B);
    assertThat(mapping.there()).isEqualTo(Map.of(A, Y, B, X));
    assertThat(mapping.isGuess()).isTrue();
  }

  @Test
  void aDeviceThatCanMigrateIsTakenBeforeOneThatCannot() {
    HostDevice unable =
        HostDevice.builder()
            .migration(MigrationSupport.failing(Errno.ENOTTY))
            .pciId("15b3:101e")
            .build();
    assertThat(mapping(host(Map.of(A, NIC)), host(X, unable, Y, NIC), A).there())
        .isEqualTo(Map.of(A, Y));
    assertThat(mapping(host(A, NIC, B, NIC), host(X, unable, Y, NIC), A, B).there())
        .isEqualTo(Map.of(A, Y, B, X));
  }

  /** One of a kind that is not there may be one of which nobody says the kind, and no other. */
  @Test
  void aDeviceOfAnotherKindIsNotTaken() {
    assertThat(mapping(host(Map.of(A, NIC)), host(Map.of(X, QAT)), A).there()).isEmpty();
    assertThat(mapping(host(Map.of(A, NIC)), host(X, QAT, Y, OF_NO_KIND), A).there())
        .isEqualTo(Map.of(A, Y));
  }

  @Test
  void aDeviceOfWhichNobodySaysTheKindMayBeAny() {
    assertThat(mapping(host(Map.of(A, OF_NO_KIND)), host(Map.of(X, QAT)), A).there())
        .isEqualTo(Map.of(A, X));
    assertThat(mapping(host(A, OF_NO_KIND, B, NIC), host(X, NIC, Y, QAT), A, B).there())
        .as("what has a kind chooses first")
        .isEqualTo(Map.of(B, X, A, Y));
  }

  @Test
  void eachIsTakenOnceAndThenThereIsNone() {
    HostFacts source = host(Map.of(A, OF_NO_KIND, B, OF_NO_KIND, C, OF_NO_KIND));
    assertThat(mapping(source, host(X, QAT, Y, NIC), A, B, C).there())
        .isEqualTo(Map.of(A, X, B, Y));
    assertThat(mapping(source, host(Map.of()), A).there()).isEmpty();
  }
}
