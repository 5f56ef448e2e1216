/** A contract test for authors of dirty trackers, on a real QEMU where there is one. */
module io.github.stopcopy.testkit.qemu {
  requires transitive io.github.stopcopy.core;
  requires io.github.stopcopy.standin;
  requires transitive org.junit.jupiter.api;
  requires static org.jspecify;

  exports io.github.stopcopy.testkit.qemu;

  opens io.github.stopcopy.testkit.qemu to
      org.junit.platform.commons;
}
