package com.example.snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.json.HostJson;
import io.github.stopcopy.live.host.Certainty;
import io.github.stopcopy.live.host.Finding;
import io.github.stopcopy.live.host.HostReport;
import io.github.stopcopy.live.host.LinuxHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The facts of a host from a copy of its files. */
class LinuxHostTest {

  private final List<Object> logged = new ArrayList<>();

  private void log(Object... words) {
    logged.addAll(List.of(words));
  }

  @Test
  void ofACopy(@TempDir Path copy) throws Exception {
    Path device = Files.createDirectories(copy.resolve("sys/bus/pci/devices/0000:3b:00.2"));
    Files.createSymbolicLink(device.resolve("driver"), Path.of("drivers/mlx5_vfio_pci"));
    // @start region=host
    HostReport report = LinuxHost.below(copy).vfioDevices(); // or LinuxHost.running()
    HostFacts facts = report.facts(); // for MigrationCheck.host
    for (Finding finding : report.findings()) {
      if (finding.certainty() != Certainty.KNOWN) {
        log(finding.subject(), finding.fact(), finding.value(), finding.better());
      }
    }
    String json = HostJson.write(report.document()); // for check --host
    // @end
    assertThat(facts.device("0000:3b:00.2").driver()).contains("mlx5_vfio_pci");
    assertThat(logged).contains("migration", "stop-copy, p2p");
    assertThat(HostJson.read("host.json", json)).isEqualTo(facts);
  }
}
