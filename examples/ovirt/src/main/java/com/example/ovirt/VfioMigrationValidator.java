package com.example.ovirt;

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
import java.util.Map;
import java.util.stream.Collectors;
import org.ovirt.vdsm.jsonrpc.client.JsonRpcRequest;
import org.ovirt.vdsm.jsonrpc.client.JsonRpcResponse;
import org.ovirt.vdsm.jsonrpc.client.RequestBuilder;
import org.ovirt.vdsm.jsonrpc.client.utils.JsonResponseUtil;

/**
 * Asked before a VM is migrated: would QEMU refuse, and why? The engine keeps no domain XML, so
 * VDSM is asked for it in the way that the engine asks already.
 */
public final class VfioMigrationValidator {

  /** To be a constant of the engine's messages, with "... ${reasons}" as its text. */
  public static final String BLOCKED = "ACTION_TYPE_FAILED_VFIO_BLOCKS_MIGRATION";

  /** To be another, with "... ${error}". */
  public static final String NO_DOMAIN_XML = "ACTION_TYPE_FAILED_NO_DOMAIN_XML";

  /**
   * What a validation result of the engine is made from.
   *
   * @param message the message; empty if the validation passes
   * @param variableReplacements in the engine's syntax: "$variable text"
   * @param notes for the engine's log
   */
  public record Result(String message, List<String> variableReplacements, List<String> notes) {

    /** Whether the migration may be tried. */
    public boolean isValid() {
      return message.isEmpty();
    }
  }

  private final String vmId;

  /** Checks the VM with this id. */
  public VfioMigrationValidator(String vmId) {
    this.vmId = vmId;
  }

  /** What VDSM is to be asked on the host that runs the VM. */
  public JsonRpcRequest question() {
    return new RequestBuilder("Host.dumpxmls").withParameter("vmList", List.of(vmId)).build();
  }

  /**
   * Decides from what VDSM answered.
   *
   * @param answer the answer to {@link #question}
   * @param host what is known of the host that runs the VM
   * @param qemuRelease its QEMU, e.g. "10.2"
   */
  public Result noVfioBlocker(JsonRpcResponse answer, HostFacts host, String qemuRelease) {
    if (answer.getError() != null && !answer.getError().isNull()) {
      return new Result(NO_DOMAIN_XML, List.of("$error " + answer.getError()), List.of());
    }
    Map<String, Object> populated =
        new JsonResponseUtil().withResponseKey("domxmls").populate(answer);
    if (!(populated.get("domxmls") instanceof Map<?, ?> xmls)
        || !(xmls.get(vmId) instanceof String xml)) {
      return new Result(NO_DOMAIN_XML, List.of("$error the VM is not on the host"), List.of());
    }
    List<String> notes = new ArrayList<>();
    try {
      QemuProfile.Choice qemu = QemuProfile.choose(qemuRelease);
      qemu.warning().ifPresent(notes::add);
      LibvirtDomain domain = LibvirtDomain.parse(vmId, xml);
      notes.addAll(domain.notes());
      Verdict verdict = MigrationCheck.of(domain.vm()).host(host).profile(qemu.profile()).decide();
      notes.addAll(verdict.problems());
      List<String> reasons = verdict.reasons().stream().map(reason -> text(reason)).toList();
      if (!verdict.kind().isPositive()) {
        return new Result(BLOCKED, List.of("$reasons " + String.join("\n", reasons)), notes);
      }
      reasons.forEach(reason -> notes.add(verdict.kind() + ": " + reason));
    } catch (InputException unknown) {
      // A VM or a release that is not modelled is no reason to refuse: as without the check.
      notes.add("not checked: " + unknown.getMessage());
    }
    return new Result("", List.of(), notes);
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
