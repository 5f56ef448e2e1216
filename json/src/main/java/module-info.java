/** Host facts and scenarios from JSON, verdicts to JSON. */
module io.github.stopcopy.json {
  requires transitive io.github.stopcopy.core;
  requires transitive io.github.stopcopy.migration;
  requires com.fasterxml.jackson.core;
  requires static org.jspecify;

  exports io.github.stopcopy.json;
}
