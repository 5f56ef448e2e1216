package io.github.stopcopy.cli.input;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Where text comes from. */
class InputTextTest {

  @Test
  void standardInputIsLeftOpenForWhoeverOwnsIt() throws Exception {
    AtomicBoolean closed = new AtomicBoolean();
    InputStream given =
        new ByteArrayInputStream("-M q35".getBytes(StandardCharsets.UTF_8)) {
          @Override
          public void close() {
            closed.set(true);
          }
        };
    InputStream before = System.in;
    System.setIn(given);
    try {
      assertThat(InputText.readAll("-")).isEqualTo("-M q35");
    } finally {
      System.setIn(before);
    }
    assertThat(closed).isFalse();
  }
}
