/**
 * Reads what describes a VM: QEMU's command line, libvirt's domain XML, the memory layout of its
 * machine and the text of {@code info mtree -f}.
 */
module io.github.stopcopy.qemu {
  requires transitive io.github.stopcopy.core;
  requires com.fasterxml.jackson.core;
  requires java.xml;
  requires static org.jspecify;

  exports io.github.stopcopy.qemu.commandline;
  exports io.github.stopcopy.qemu.libvirt;
  exports io.github.stopcopy.qemu.machine;
  exports io.github.stopcopy.qemu.mtree;
}
