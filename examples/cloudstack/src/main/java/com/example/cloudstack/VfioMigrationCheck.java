package com.example.cloudstack;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.Remedy;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.qemu.libvirt.LibvirtDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/**
 * Asked by the agent before it touches a VM that is to be migrated: would QEMU refuse, and why? It
 * reads from libvirt and changes nothing.
 */
public final class VfioMigrationCheck {

  /**
   * What was found.
   *
   * @param refusal the details of a negative answer; empty if the migration may be tried
   * @param notes for the agent's log
   */
  public record Finding(Optional<String> refusal, List<String> notes) {}

  private final HostFacts host;

  /** Checks VMs of this host. */
  public VfioMigrationCheck(HostFacts host) {
    this.host = host;
  }

  /** Asks about a running VM, with the objects that the wrapper holds at that place. */
  public Finding check(Connect connection, Domain domain) throws LibvirtException {
    return check(
        domain.getName(), domain.getXMLDesc(Domain.XMLFlags.MIGRATABLE), connection.getVersion());
  }

  private Finding check(String vmName, String xml, long version) {
    List<String> notes = new ArrayList<>();
    try {
      QemuProfile.Choice qemu = QemuProfile.choose(release(version));
      qemu.warning().ifPresent(notes::add);
      LibvirtDomain domain = LibvirtDomain.parse(vmName, xml);
      notes.addAll(domain.notes());
      Verdict verdict = MigrationCheck.of(domain.vm()).host(host).profile(qemu.profile()).decide();
      notes.addAll(verdict.problems());
      String reasons =
          verdict.reasons().stream().map(VfioMigrationCheck::text).collect(Collectors.joining(" "));
      if (!verdict.kind().isPositive()) {
        return new Finding(
            Optional.of("VM [" + vmName + "] cannot be migrated live: " + reasons), notes);
      }
      if (!reasons.isEmpty()) {
        notes.add("VM [" + vmName + "], " + verdict.kind() + ": " + reasons);
      }
    } catch (InputException unknown) {
      // A VM or a release that is not modelled is no reason to refuse: as without the check.
      notes.add("VM [" + vmName + "] was not checked: " + unknown.getMessage());
    }
    return new Finding(Optional.empty(), notes);
  }

  /** libvirt has 10.2.1 as 10002001. */
  private static String release(long version) {
    return version / 1_000_000 + "." + version / 1_000 % 1_000;
  }

  private static String text(Reason reason) {
    String device = reason.device().map(name -> " (" + name + ")").orElse("");
    String remedies =
        reason.remedies().stream().map(Remedy::text).collect(Collectors.joining("; or "));
    return reason.code()
        + device
        + ": "
        + reason.explanation()
        + (remedies.isEmpty() ? "" : " Remedy: " + remedies + ".");
  }
}
