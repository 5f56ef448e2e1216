package io.github.stopcopy.cli.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.standin.AnswerComparison;
import io.github.stopcopy.standin.AnswerComparison.Difference;
import io.github.stopcopy.standin.Recording;
import io.github.stopcopy.standin.Recording.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * A scenario and what a real QEMU did with it.
 *
 * @param line the line as it was recorded; the command takes it as it is
 * @param json the same, parsed
 */
record Vector(String line, JsonNode json) {

  private static final List<String> RECORDED =
      List.of("visible.jsonl.gz", "visible-10.0.jsonl.gz", "visible-11.1.jsonl.gz");

  /** Recorded on top of those: plugging, random guests and devices, refusing kernels. */
  private static final List<String> FURTHER =
      List.of("recorded-10.0.jsonl.gz", "recorded-11.1.jsonl.gz");

  /** The recorded matrix of cases, in the order of the files. */
  static List<Vector> recorded() throws IOException {
    return read(RECORDED);
  }

  /** What was recorded further. */
  static List<Vector> further() throws IOException {
    return read(FURTHER);
  }

  private static List<Vector> read(List<String> files) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    List<Vector> all = new ArrayList<>();
    for (String file : files) {
      try (InputStream packed = Vector.class.getResourceAsStream("/vectors/" + file);
          BufferedReader lines =
              new BufferedReader(
                  new InputStreamReader(new GZIPInputStream(packed), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          all.add(new Vector(line, mapper.readTree(line)));
        }
      }
    }
    return all;
  }

  String id() {
    return scenario().get("id").textValue();
  }

  String profile() {
    return scenario().get("profile").textValue();
  }

  JsonNode scenario() {
    return json.get("scenario");
  }

  /** In what an answer differs from what QEMU did, as {@code stopcopy verify} finds it. */
  List<Difference> differences(String answer) throws IOException {
    Outcome outcome =
        Stream.of(Outcome.values())
            .filter(each -> each.word().equals(json.get("outcome").textValue()))
            .findFirst()
            .orElseThrow();
    QmpValue recorded = QmpValue.parse(line);
    Recording recording =
        new Recording(
            recorded.get("scenario").orElseThrow(),
            recorded.get("expected").orElseThrow().list("steps"),
            outcome,
            List.of());
    return AnswerComparison.compare(recording, QmpValue.parse(answer));
  }

  @Override
  public String toString() {
    return id();
  }
}
