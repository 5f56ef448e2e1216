package io.github.stopcopy.cli.docs;

import io.github.stopcopy.cli.explain.Example;
import java.util.List;
import java.util.Map;

/** An example on a generated page: its files, the command and what that answers. */
final class ExamplePart {

  private ExamplePart() {}

  static void write(StringBuilder page, Example example, Map<String, List<String>> files) {
    files.forEach((name, lines) -> {
      page.append("`").append(name).append("`:\n\n```\n");
      lines.forEach(line -> page.append(line).append('\n'));
      page.append("```\n\n");
    });
    page.append("```console\n$ stopcopy ").append(example.command()).append('\n');
    page.append(example.verdict()).append(": ...\n```\n");
  }
}
