package io.github.stopcopy.json;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import java.util.List;
import java.util.Optional;

/**
 * A line of a fleet: a VM, or the facts of a node. Immutable.
 *
 * @param id what its owner calls the VM
 * @param node the node that the VM runs on, or that the facts are about
 * @param args the VM as a text that holds its command line
 * @param words the VM as the words of its command line
 * @param xml the VM as libvirt's XML
 * @param release the release of QEMU that runs it, as somebody wrote it
 * @param host the facts of the host
 * @param hostOf the node whose facts are those of the VM's host
 * @param problem what is wrong with the line, if anything is; then only what stands before it is
 *     there
 */
public record FleetLine(
    Optional<String> id,
    Optional<String> node,
    Optional<String> args,
    Optional<List<String>> words,
    Optional<String> xml,
    Optional<String> release,
    Optional<HostFacts> host,
    Optional<String> hostOf,
    Optional<InputException> problem) {

  /** Copies the words. */
  public FleetLine {
    words = words.map(List::copyOf);
  }

  /** Whether it describes a node and no VM. */
  public boolean isHost() {
    return problem.isEmpty() && args.isEmpty() && words.isEmpty() && xml.isEmpty();
  }
}
