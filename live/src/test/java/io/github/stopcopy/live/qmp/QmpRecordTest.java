package io.github.stopcopy.live.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that were recorded. */
class QmpRecordTest {

  private static final String TWO =
      """
      {"request":{"execute":"query-status"},"answer":{"return":{"status":"running"}}}

      {"request":{"execute":"qom-get","arguments":{"path":"/m","property":"x"}},"answer":{"id":"libvirt-7","error":{"class":"GenericError","desc":"none"}}}
      """;

  @Test
  void answersAsItWasAnswered() throws Exception {
    QmpRecord record = QmpRecord.read("r", TWO);
    assertThat(record.ask(QmpCommand.of("query-status")).value().orElseThrow().text("status"))
        .contains("running");
    QmpCommand get = QmpCommand.of("qom-get").with("property", "x").with("path", "/m");
    assertThat(record.ask(get).error()).contains("none");
    assertThat(QmpRecord.read("again", record.text()).answers()).isEqualTo(record.answers());
  }

  @Test
  void whatWasNotAskedIsAnError() throws Exception {
    QmpRecord record = QmpRecord.read("r", TWO);
    assertThatThrownBy(() -> record.ask(QmpCommand.of("query-pci")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("r: has no answer to {\"execute\":\"query-pci\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"request\":{}}",
        "{\"request\":{\"execute\":\"x\"}}",
        "{\"request\":{\"execute\":\"x\"},\"answer\":{}}",
        "-device vfio-pci",
        "{\"request\":{\"execute\":\"x\"},\"answer\":{\"return\":1}} {}"
      })
  void whatIsNoRecordIsAnErrorInOneLine(String text) {
    assertThatThrownBy(() -> QmpRecord.read("r", text))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("expected")
        .message()
        .doesNotContain("\n");
  }
}
