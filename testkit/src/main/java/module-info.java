/**
 * Contract tests for authors of dirty trackers, vIOMMU models and memory listeners, with random
 * inputs, a naive model and trackers that are wrong on purpose.
 */
module io.github.stopcopy.testkit {
  requires transitive io.github.stopcopy.core;
  requires transitive org.junit.jupiter.api;
  requires static org.jspecify;

  exports io.github.stopcopy.testkit;

  opens io.github.stopcopy.testkit to
      org.junit.platform.commons;
}
