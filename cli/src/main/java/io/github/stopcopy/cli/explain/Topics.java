package io.github.stopcopy.cli.explain;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.migration.lint.LintCode;
import io.github.stopcopy.migration.reason.ReasonCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What can be explained by its name. */
public final class Topics {

  private static final int LONGEST_SHOWN = 60;

  private Topics() {}

  /**
   * Explains a code or a key of a format, lines ended.
   *
   * @throws InputException if it is neither; the message names what is near
   */
  public static String explain(String topic) throws InputException {
    String name = topic.strip().toUpperCase(Locale.ROOT).replace('-', '_');
    Optional<ReasonCode> code = ReasonCode.named(name);
    if (code.isPresent()) {
      return CodeText.of(code.get());
    }
    Optional<LintCode> lint = LintCode.named(name);
    if (lint.isPresent()) {
      return CodeText.of(lint.get());
    }
    KeyText keys = new KeyText();
    Optional<String> key = keys.of(topic.strip());
    if (key.isPresent()) {
      return key.get();
    }
    List<String> names =
        new ArrayList<>(Arrays.stream(ReasonCode.values()).map(ReasonCode::name).toList());
    Arrays.stream(LintCode.values()).map(LintCode::name).forEach(names::add);
    names.addAll(keys.paths());
    List<String> near = Nearest.of(topic.strip(), names);
    throw InputException.of(
        "'"
            + (topic.length() <= LONGEST_SHOWN ? topic : topic.substring(0, LONGEST_SHOWN) + "...")
            + "' is not known, expected a code such as VIOMMU_PRESENT or a key such as"
            + " host.devices.dma-logging"
            + (near.isEmpty() ? "" : "; near it are " + String.join(", ", near)));
  }
}
