/** The stopcopy command. */
module io.github.stopcopy.cli {
  requires info.picocli;
  requires io.github.stopcopy.json;
  requires io.github.stopcopy.live;
  requires io.github.stopcopy.migration;
  requires io.github.stopcopy.qemu;
  requires io.github.stopcopy.standin;
  requires static org.jspecify;
}
