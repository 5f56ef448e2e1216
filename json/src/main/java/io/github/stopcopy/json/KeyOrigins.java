package io.github.stopcopy.json;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.json.HostDocument.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Walks through the keys of an object with facts and remembers where they come from. */
final class KeyOrigins {

  private final JsonCursor json;
  private final List<String> keys = new ArrayList<>();
  private Map<String, String> said = Map.of();

  KeyOrigins(JsonCursor json) {
    this.json = json;
  }

  /** As {@link JsonCursor#nextKey}. */
  @Nullable String nextKey() throws InputException {
    String key = json.nextKeyOrOrigin();
    while (key != null && key.equals("origin")) {
      said = json.textsByKey();
      key = json.nextKeyOrOrigin();
    }
    if (key != null) {
      keys.add(key);
    }
    return key;
  }

  /** Where the facts that were read come from, in their order. */
  List<Origin> origins(String subject) {
    List<Origin> origins = new ArrayList<>(keys.size());
    for (String key : keys) {
      origins.add(new Origin(subject, key, said.getOrDefault(key, HostDocument.USER)));
    }
    return origins;
  }

  /** Whether facts with this beginning were read and all of them are assumed. */
  boolean areAssumed(String beginning) {
    if (said.isEmpty()) {
      return false;
    }
    List<Origin> facts =
        origins("").stream().filter(origin -> origin.fact().startsWith(beginning)).toList();
    return !facts.isEmpty() && facts.stream().allMatch(Origin::isAssumed);
  }
}
