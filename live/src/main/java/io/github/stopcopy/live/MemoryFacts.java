package io.github.stopcopy.live;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a running QEMU says of its memory beside its devices: sizes of back ends, how much is
 * plugged, which blocks it migrates as RAM (R-LIVE, B1).
 */
final class MemoryFacts {

  private static final String VIRTIO_MEM = "virtio-mem";

  /**
   * A line of {@code x-query-ramblock} about a block without a name: page size, offset, ... So are
   * those that no migration sends, as BARs are that VFIO maps.
   */
  private static final Pattern NAMELESS_BLOCK =
      Pattern.compile("(?m)^ +[0-9]+ [KMGT]iB +0x[0-9a-f]+ +0x");

  private final Map<String, Long> backEnds = new HashMap<>();
  private final List<String> notes = new ArrayList<>();

  private long nameless;

  /** Asks. */
  static MemoryFacts read(QomReader qom) throws InputException {
    MemoryFacts facts = new MemoryFacts();
    for (QmpValue each : qom.ask(QmpCommand.of("query-memdev")).elements()) {
      Optional<Long> size = each.number("size");
      if (size.isPresent()) {
        each.text("id").ifPresent(id -> facts.backEnds.put(id, size.get()));
      }
    }
    facts.devices(
        qom.ask(QmpCommand.of("query-memory-devices")).elements(),
        qom.ask(QmpCommand.of("query-memory-size-summary")));
    String blocks =
        qom.ask(QmpCommand.of("x-query-ramblock")).text("human-readable-text").orElse("");
    facts.nameless = NAMELESS_BLOCK.matcher(blocks).results().count();
    return facts;
  }

  /** The size of a memory back end in bytes; empty if there is none of that id. */
  Optional<Long> sizeOf(String backEnd) {
    return Optional.ofNullable(backEnds.get(backEnd));
  }

  private void devices(List<QmpValue> devices, QmpValue summary) {
    long all = 0;
    for (QmpValue device : devices) {
      QmpValue data = device.get("data").orElse(QmpValue.NO_KEYS);
      long size = data.number("size").orElse(0L);
      all += size;
      if (device.text("type").equals(Optional.of(VIRTIO_MEM)) && size > 0) {
        notes.add(
            VIRTIO_MEM
                + data.text("id").map(id -> " " + id).orElse("")
                + " has "
                + size
                + " of "
                + data.number("max-size").orElse(size)
                + " bytes plugged, which VFIO maps block by block (R-AS-90); the VM is judged as if"
                + " none were.");
      }
    }
    Optional<Long> plugged = summary.number("plugged-memory");
    if (plugged.isPresent() && plugged.get() != all) {
      notes.add(
          "QEMU counts "
              + plugged.get()
              + " bytes of plugged memory, and names devices with "
              + all
              + ": what is said of plugged memory may be wrong.");
    }
  }

  /**
   * What was found, a line each.
   *
   * @param kvm whether KVM runs the guest
   */
  List<String> notes(boolean kvm) {
    List<String> all = new ArrayList<>(notes);
    if (!kvm && nameless > 0) {
      all.add(
          "The guest is run by TCG, and "
              + nameless
              + (nameless == 1 ? " block" : " blocks")
              + " of its RAM, as of BARs, are not migrated: QEMU may abort when a migration starts"
              + " (R-REL-A3.16).");
    }
    return all;
  }
}
