package io.github.stopcopy.core.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.error.InputException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What listeners are opened with; parameters are read as those of trackers are. */
class ListenerConfigTest {

  private static ListenerConfig with(String name, String value) {
    return new ListenerConfig(Optional.empty(), 4096, Map.of(name, value));
  }

  @Test
  void parametersAreCopied() {
    Map<String, String> parameters = new LinkedHashMap<>(Map.of("least", "3"));
    ListenerConfig config = new ListenerConfig(Optional.of("0000:01:00.0"), 65536, parameters);
    parameters.clear();
    assertThat(config.parameters()).containsExactly(Map.entry("least", "3")).isUnmodifiable();
  }

  @Test
  void parametersAreReadByKind() throws Exception {
    assertThat(with("least", "3").number("least", 1, 0, 9)).isEqualTo(3);
    assertThat(with("size", "64K").bytes("size", 1)).isEqualTo(65536);
    assertThat(with("page-size", "2M").pageSize("page-size", 4096)).isEqualTo(2 << 20);
    assertThat(with("other", "2M").pageSize("page-size", 4096)).isEqualTo(4096);
    with("least", "3").allowOnly("least");
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    assertThatThrownBy(() -> with("least", "3").allowOnly("most"))
        .isInstanceOf(InputException.class)
        .hasMessage("parameter 'least' is unknown, expected one of most");
    assertThatThrownBy(() -> with("page-size", "3").pageSize("page-size", 4096))
        .isInstanceOf(InputException.class)
        .hasMessage("parameter page-size is '3', expected a power of two from 4096 on");
  }
}
