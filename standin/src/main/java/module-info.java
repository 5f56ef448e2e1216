/** Real QEMU binaries on a stand-in VFIO kernel, and what they did beside what the model says. */
module io.github.stopcopy.standin {
  requires transitive io.github.stopcopy.core;
  requires transitive io.github.stopcopy.json;
  requires transitive io.github.stopcopy.live;
  requires transitive io.github.stopcopy.migration;
  requires static org.jspecify;

  exports io.github.stopcopy.standin;
}
