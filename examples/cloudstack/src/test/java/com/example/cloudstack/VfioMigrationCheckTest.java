package com.example.cloudstack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import com.example.cloudstack.VfioMigrationCheck.Finding;
import io.github.stopcopy.core.error.Errno;
import io.github.stopcopy.core.host.HostDevice;
import io.github.stopcopy.core.host.HostFacts;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.libvirt.Connect;
import org.libvirt.Domain;

/**
 * The agent's objects of libvirt are mocks, as in the agent's own tests: a real one needs a
 * libvirtd.
 */
class VfioMigrationCheckTest {

  private static final long QEMU_10_2 = 10_002_000;

  @Test
  void theVirtualIommuForManyVcpusBlocks() throws Exception {
    Finding finding = check("i-2-42-VM", "gpu-uefi-288-vcpus.xml", HostFacts.CAPABLE, QEMU_10_2);

    String details = finding.refusal().orElseThrow();
    assertTrue(
        details.startsWith("VM [i-2-42-VM] cannot be migrated live: VIOMMU_PRESENT"), details);
    assertTrue(details.contains("(0000:3d:00.4): "), details);
    assertTrue(details.contains("; or remove the vIOMMU (-device intel-iommu)"), details);
  }

  @Test
  void aGpuWhoseDriverCanDoItMayMigrate() throws Exception {
    HostDevice gpu =
        HostDevice.builder()
            .migration(HostDevice.MigrationSupport.of(true, true, false))
            .dmaLogging(HostDevice.DmaLogging.SUPPORTED)
            .build();
    HostFacts host = HostFacts.builder().device("0000:3d:00.5", gpu).build();
    Finding finding = check("i-2-43-VM", "gpu-2-vcpus.xml", host, QEMU_10_2);

    assertEquals(new Finding(Optional.empty(), List.of()), finding);
  }

  @Test
  void whatIsAssumedOfTheHostIsANote() throws Exception {
    Finding finding = check("i-2-43-VM", "gpu-2-vcpus.xml", HostFacts.CAPABLE, QEMU_10_2);

    assertTrue(finding.refusal().isEmpty());
    assertEquals(1, finding.notes().size());
    String note = finding.notes().get(0);
    assertTrue(note.startsWith("VM [i-2-43-VM], conditional: HOST_ASSUMED (0000:3d:00."), note);
  }

  @Test
  void allReasonsAreToldAtOnce() throws Exception {
    HostFacts host = hostWithoutMigrationOf("0000:3d:00.5");

    Finding finding = check("i-2-42-VM", "gpu-uefi-288-vcpus.xml", host, QEMU_10_2);

    String details = finding.refusal().orElseThrow();
    assertTrue(details.contains("VIOMMU_PRESENT (0000:3d:00.4)"), details);
    assertTrue(details.contains("NO_KERNEL_SUPPORT (0000:3d:00.5)"), details);
  }

  @Test
  void aReleaseThatIsNotModelledIsNoReasonToRefuse() throws Exception {
    Finding finding = check("i-2-42-VM", "gpu-uefi-288-vcpus.xml", HostFacts.CAPABLE, 6_002_000);

    assertTrue(finding.refusal().isEmpty());
    assertTrue(finding.notes().get(0).startsWith("VM [i-2-42-VM] was not checked: "));
  }

  private static HostFacts hostWithoutMigrationOf(String device) {
    HostDevice without =
        HostDevice.builder()
            .migration(HostDevice.MigrationSupport.failing(Errno.ENOTTY))
            .dmaLogging(HostDevice.DmaLogging.NONE)
            .build();
    return HostFacts.builder()
        .cpuVendor("GenuineIntel")
        .cpuPhysBits(46)
        .device(device, without)
        .build();
  }

  private static Finding check(String name, String file, HostFacts host, long version)
      throws Exception {
    Connect connection = mock(Connect.class);
    when(connection.getVersion()).thenReturn(version);
    Domain domain = mock(Domain.class);
    when(domain.getName()).thenReturn(name);
    try (InputStream xml = VfioMigrationCheckTest.class.getResourceAsStream("/" + file)) {
      when(domain.getXMLDesc(Domain.XMLFlags.MIGRATABLE))
          .thenReturn(new String(xml.readAllBytes(), StandardCharsets.UTF_8));
    }
    return new VfioMigrationCheck(host).check(connection, domain);
  }
}
