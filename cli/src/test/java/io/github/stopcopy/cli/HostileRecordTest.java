package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A QEMU that answers anything: each answer is replaced by what nobody expects there. */
class HostileRecordTest {

  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"no\"}}",
        "{\"return\":[{\"name\":\"a,b\\u0000\",\"type\":\"child<vfio-pci>\",\"value\":-1}]}",
        "{\"return\":{\"size\":99999999999999999999,\"cpus\":-1,\"status\":\"\\n\"}}",
        "{\"return\":\"FlatView #0\\n\"}"
      })
  void endsWithAnAnswerOrOneLine(String nonsense) throws Exception {
    List<String> lines = Files.readAllLines(RecordedQmp.record("q35-11.1-one-device"));
    for (int i = 0; i < lines.size(); i++) {
      List<String> changed = new ArrayList<>(lines);
      JsonNode exchange = JSON.readTree(lines.get(i));
      ((ObjectNode) exchange).set("answer", JSON.readTree(nonsense));
      changed.set(i, exchange.toString());
      Path file = folder.resolve("record" + i);
      Files.write(file, changed);

      CommandLineRun run = CommandLineRun.of("check", "--quiet", "--qmp-record", file.toString());

      assertThat(run.exitCode()).as(exchange + run.err()).isBetween(0, 2);
      if (run.exitCode() == 2) {
        assertThat(run.err()).startsWith("stopcopy: ").hasLineCount(1);
      }
    }
  }
}
