/** What a running QEMU and a Linux host tell. */
module io.github.stopcopy.live {
  requires transitive io.github.stopcopy.core;
  requires transitive io.github.stopcopy.json;
  requires io.github.stopcopy.qemu;
  requires io.github.stopcopy.vfiopci;
  requires com.fasterxml.jackson.core;
  requires static org.jspecify;

  exports io.github.stopcopy.live;
  exports io.github.stopcopy.live.host;
  exports io.github.stopcopy.live.qmp;
  exports io.github.stopcopy.live.watch;
}
