package io.github.stopcopy.live.watch;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpSource;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.qemu.mtree.MtreeDump;
import io.github.stopcopy.qemu.mtree.MtreeFlatView;
import io.github.stopcopy.qemu.mtree.MtreeReader;
import java.util.HashSet;
import java.util.Set;

/**
 * By what it is seen that a VM may be another one: its devices, its layout and what blocks.
 *
 * @param devices types and names
 * @param layout the flat views, whose numbers and order mean nothing (R-AS-104)
 * @param blockedReasons what blocks
 */
record VmFingerprint(Set<QmpValue> devices, Set<MtreeFlatView> layout, QmpValue blockedReasons) {

  static VmFingerprint of(QmpSource source, QmpValue migrate) throws InputException {
    Set<QmpValue> devices = new HashSet<>();
    for (String folder : new String[] {"/machine/peripheral", "/machine/peripheral-anon"}) {
      QmpValue children =
          source
              .ask(QmpCommand.of("qom-list").with("path", folder))
              .value()
              .orElse(QmpValue.NO_KEYS);
      devices.addAll(children.elements());
    }
    String text = source.ask(QmpCommand.mtree()).value().flatMap(QmpValue::text).orElse("");
    MtreeDump dump = MtreeReader.read(source.name() + ", info mtree -f", text);
    Set<MtreeFlatView> layout = new HashSet<>();
    for (MtreeFlatView view : dump.views()) {
      layout.add(new MtreeFlatView(0, view.addressSpaces(), view.rootRegion(), view.rows()));
    }
    return new VmFingerprint(
        devices, layout, migrate.get("blocked-reasons").orElse(QmpValue.NO_KEYS));
  }
}
