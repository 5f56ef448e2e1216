package io.github.stopcopy.cli.fleet;

import io.github.stopcopy.cli.fleet.FleetEntry.Form;
import io.github.stopcopy.cli.input.CommandLineInput;
import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.FleetJson;
import io.github.stopcopy.json.FleetLine;
import io.github.stopcopy.migration.ProfileOrigin;
import io.github.stopcopy.migration.fleet.FleetCheck;
import io.github.stopcopy.migration.fleet.FleetRow;
import io.github.stopcopy.migration.fleet.FleetVm;
import io.github.stopcopy.migration.fleet.FleetVm.FromLibvirt;
import io.github.stopcopy.qemu.commandline.ConfigFiles;
import io.github.stopcopy.qemu.libvirt.LibvirtDomain;
import java.util.List;
import java.util.Optional;

/** Reads VMs and has them decided. Thread-safe. */
public final class FleetVms {

  private static final String ARGS = "args";
  private static final String XML = "xml";

  private final FleetCheck check;
  private final Plugins plugins;
  private final NodeHosts hosts;
  private final Optional<HostFacts> host;
  private final boolean isProfileGiven;

  /**
   * Reads VMs.
   *
   * @param check decides
   * @param plugins who may know devices that QEMU does not have
   * @param hosts what is known of nodes
   * @param host the host of all VMs, whatever they say
   * @param isProfileGiven whether the release of all VMs is given, so that theirs does not count
   */
  public FleetVms(
      FleetCheck check,
      Plugins plugins,
      NodeHosts hosts,
      Optional<HostFacts> host,
      boolean isProfileGiven) {
    this.check = check;
    this.plugins = plugins;
    this.hosts = hosts;
    this.host = host;
    this.isProfileGiven = isProfileGiven;
  }

  /** The answer about an entry; what is wrong with it is told in its row. */
  FleetRow row(FleetEntry entry) {
    return entry.form() == Form.LINE ? ofLine(entry) : ofFile(entry);
  }

  private FleetRow ofLine(FleetEntry entry) {
    if (!entry.problem().isEmpty()) {
      return FleetRow.unknown(entry.id(), "", entry.problem());
    }
    FleetLine line = FleetJson.read(entry.file(), entry.line(), entry.text());
    String id = line.id().orElse(entry.id());
    String node = line.node().orElse("");
    try {
      if (line.problem().isPresent()) {
        throw line.problem().get();
      } else if (line.isHost()) {
        throw InputException.of("is not known as the facts of a node, expected 'args' or 'xml'");
      }
      HostFacts facts = host.isPresent() ? host.get() : host(line, entry.line());
      FleetVm vm =
          line.xml().isPresent()
              ? domain(id, node, line.xml().get(), facts)
              : commandLine(id, node, text(line), facts);
      if (line.release().isPresent() && !isProfileGiven) {
        vm =
            vm.withProfile(QemuProfile.choose(line.release().get()).profile(), ProfileOrigin.INPUT);
      }
      return decided(entry, vm);
    } catch (InputException wrong) {
      return FleetRow.unknown(id, node, placed(entry, wrong));
    }
  }

  /** Words as Linux keeps them, with which nothing has to be quoted. */
  private static String text(FleetLine line) {
    return line.args().orElseGet(() -> String.join("\0", line.words().orElse(List.of())) + "\0");
  }

  private HostFacts host(FleetLine line, int number) throws InputException {
    if (line.host().isPresent()) {
      return line.host().get();
    } else if (line.hostOf().isPresent()) {
      String node = line.hostOf().get();
      return hosts
          .before(number, node)
          .orElseThrow(() ->
              InputException.of(
                  "key 'host' is \""
                      + node
                      + "\", expected an object, or a node whose facts an earlier line tells"));
    }
    return line.node().flatMap(node -> hosts.before(number, node)).orElse(HostFacts.CAPABLE);
  }

  private FleetRow ofFile(FleetEntry entry) {
    String id = entry.id();
    String node = entry.node();
    if (!entry.problem().isEmpty()) {
      return FleetRow.unknown(id, node, entry.problem());
    }
    try {
      String text = InputText.readAll(entry.file());
      HostFacts facts = host.or(entry::host).orElse(HostFacts.CAPABLE);
      return decided(
          entry,
          entry.form() == Form.XML
              ? domain(id, node, text, facts)
              : commandLine(id, node, text, facts));
    } catch (InputException wrong) {
      return FleetRow.unknown(id, node, placed(entry, wrong));
    }
  }

  private FleetRow decided(FleetEntry entry, FleetVm vm) {
    FleetRow row = check.decide(vm);
    return row.verdict().isPresent() || row.error().isEmpty()
        ? row
        : new FleetRow(
            row.id(),
            row.node(),
            row.profile(),
            row.verdict(),
            row.reasons(),
            row.assumptions(),
            row.changes(),
            placed(entry, InputException.of(row.error())),
            row.earlier());
  }

  /** What is wrong with the place; of a VM in a file of its own the line there. */
  private static String placed(FleetEntry entry, InputException wrong) {
    if (wrong.source().equals(entry.file())) {
      return wrong.getMessage();
    }
    return entry.form() == Form.LINE
        ? InputException.at(entry.file(), entry.line(), wrong.getMessage()).getMessage()
        : InputException.at(entry.file(), wrong.line(), wrong.problem()).getMessage();
  }

  private FleetVm domain(String id, String node, String xml, HostFacts facts)
      throws InputException {
    LibvirtDomain read = LibvirtDomain.parse(XML, xml);
    return FleetVm.of(id, node, read.vm(), facts)
        .withLibvirt(
            new FromLibvirt(
                read.drivers(),
                read.interfaces(),
                read.completed().map(LibvirtDomain.Completed::vm),
                read.completed().map(LibvirtDomain.Completed::what).orElse(""),
                read.possibleHostDevices()));
  }

  private FleetVm commandLine(String id, String node, String text, HostFacts facts)
      throws InputException {
    CommandLineInput read = CommandLineInput.of(ARGS, text, ConfigFiles.NONE, plugins);
    VmConfig vm = read.vm();
    FleetVm asked = FleetVm.of(id, node, vm, facts);
    return read.release().isEmpty() || isProfileGiven
        ? asked
        : asked.withProfile(
            QemuProfile.choose(read.release().get()).profile(), ProfileOrigin.INPUT);
  }
}
