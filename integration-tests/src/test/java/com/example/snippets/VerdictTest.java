package com.example.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.config.DeviceConfig;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.config.VmConfigBuilder;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.HostJson;
import io.github.stopcopy.json.JsonSchema;
import io.github.stopcopy.json.VerdictJson;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Reason;
import io.github.stopcopy.migration.RuleSets;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.fleet.FleetCheck;
import io.github.stopcopy.migration.fleet.FleetSummary;
import io.github.stopcopy.migration.fleet.FleetTally;
import io.github.stopcopy.migration.fleet.FleetVm;
import io.github.stopcopy.qemu.commandline.QemuCommandLine;
import io.github.stopcopy.qemu.libvirt.LibvirtDomain;
import io.github.stopcopy.qemu.machine.PcMemory;
import io.github.stopcopy.viommu.intel.IntelIommuProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From what describes a VM to a verdict. */
class VerdictTest {

  private static final Path EXAMPLES = Path.of("../examples");

  private final HostFacts facts = HostFacts.CAPABLE;
  private final List<Object> logged = new ArrayList<>();

  private void log(Object... words) {
    logged.addAll(List.of(words));
  }

  @Test
  void fromACommandLine() throws Exception {
    String commandLine = Files.readString(EXAMPLES.resolve("big-q35-intel-viommu/qemu.args"));
    // @start region=command-line
    VmConfig vm = QemuCommandLine.parse("vm42", commandLine);
    Verdict verdict = MigrationCheck.of(vm).host(facts).profile(QemuProfile.V10_2).decide();
    for (Reason reason : verdict.reasons()) {
      log(reason.code(), reason.device(), reason.explanation(), reason.remedies());
    }
    // @end
    assertThat(verdict.kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(logged).contains("VIOMMU_PRESENT");
  }

  @Test
  void fromLibvirtXml() throws Exception {
    String xml = Files.readString(EXAMPLES.resolve("libvirt-domain/domain.xml"));
    // @start region=libvirt
    LibvirtDomain domain = LibvirtDomain.parse("vm42", xml);
    Verdict verdict = MigrationCheck.of(domain.vm()).host(facts).notes(domain.notes()).decide();
    for (String warning : verdict.warnings()) { // what was not understood, what QEMU warns of
      log(warning);
    }
    // @end
    assertThat(verdict.kind()).isEqualTo(VerdictKind.BLOCKED);
    assertThat(logged).isNotEmpty().containsAll(domain.notes()).containsAll(verdict.warnings());
  }

  @Test
  void fromJsonToJson() throws Exception {
    String commandLine = Files.readString(EXAMPLES.resolve("big-q35-intel-viommu/qemu.args"));
    String hostText = Files.readString(EXAMPLES.resolve("big-q35-intel-viommu/host.json"));
    // @start region=json
    HostFacts host = HostJson.read("host.json", hostText); // an InputException names line and key
    VmConfig vm = QemuCommandLine.parse("vm42", commandLine);
    Verdict verdict = MigrationCheck.of(vm).host(host).decide();
    String answer = VerdictJson.write(verdict); // one line
    String schema = JsonSchema.VERDICT.text(); // what can be in it
    // @end
    assertThat(answer).contains("\"verdict\":\"blocked\"", "\"code\":\"VIOMMU_PRESENT\"");
    assertThat(schema).contains("\"verdict\"", "draft/2020-12");
  }

  @Test
  void fromABuilder() throws Exception {
    // @start region=builder
    DeviceConfig iommu = DeviceConfig.of("intel-iommu").with("caching-mode", "on");
    DeviceConfig vf = DeviceConfig.of("vfio-pci").with("host", "0000:3b:00.2");
    VmConfigBuilder q35 = VmConfig.builder().machineType("q35").memory(new PcMemory());
    VmConfig vm = q35.ramSize(64L << 30).devices(List.of(iommu, vf)).build();
    Verdict verdict = MigrationCheck.of(vm).host(facts).decide();
    // @end
    assertThat(verdict.reasons()).extracting(Reason::code).contains("VIOMMU_PRESENT");
  }

  @Test
  void pluginsAreFoundOrGiven() throws Exception {
    VmConfig vm = QemuCommandLine.parse("vm42", "-M q35 -device intel-iommu,intremap=on");
    // @start region=plugins
    Plugins found = Plugins.load(); // by ServiceLoader, through the context class loader
    found.problems().forEach(this::log); // a line for each jar that could not be loaded
    Plugins given = Plugins.of(List.of(new IntelIommuProvider())); // these and no others
    Verdict verdict = MigrationCheck.of(vm).plugins(given).decide();
    // @end
    assertThat(found.virtualIommus().names()).containsAll(given.virtualIommus().names());
    assertThat(verdict.kind()).isEqualTo(VerdictKind.MIGRATABLE);
    assertThat(logged).isEmpty();
  }

  @Test
  void manyVms() throws Exception {
    VmConfig vm = QemuCommandLine.parse("vm42", "-M q35 -m 4G -device vfio-pci,host=0000:3b:00.2");
    // @start region=fleet
    FleetCheck check = FleetCheck.builder(Plugins.load(), RuleSets.load()).build(); // once
    FleetTally tally = new FleetTally();
    for (FleetVm each : List.of(FleetVm.of("vm42", "node7", vm, facts))) { // on any thread
      tally.add(check.decide(each));
    }
    FleetSummary summary = tally.summary();
    log(summary.all().canMove(), summary.causes(), summary.changes());
    // @end
    assertThat(summary.all().conditional()).isEqualTo(1);
  }
}
