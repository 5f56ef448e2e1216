package io.github.stopcopy.vfiopci.subsystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From which release on, or up to which, VFIO behaves so (the matrix R-REL-1 .. R-REL-48). */
class VfioBehaviourTest {

  private static Object value(QemuProfile profile, String component)
      throws ReflectiveOperationException {
    return VfioBehaviour.class.getMethod(component).invoke(VfioBehaviour.of(profile));
  }

  /** Which releases answer yes. */
  private static List<String> releases(String component) throws ReflectiveOperationException {
    Map<QemuProfile, String> yes = new TreeMap<>();
    for (QemuProfile profile : QemuProfile.values()) {
      if (value(profile, component).equals(true)) {
        yes.put(profile, profile.id());
      }
    }
    return List.copyOf(yes.values());
  }

  @ParameterizedTest
  @CsvSource({
    "R-REL-1, allowsSeveralDevices, 8.1-iommu-pt, 11.1",
    "R-REL-3, asksP2pStates, 8.1-iommu-pt, 11.1",
    "R-REL-4, refusesPostcopy, 8.1-iommu-pt, 11.1",
    "R-REL-5, stopsWhenSaved, 8.1, 8.1",
    "R-REL-6, tracksPciApart, 8.1-iommu-pt, 11.1",
    "R-REL-6, tracksReadonly, 8.1, 10.2",
    "R-REL-8, p2pFailureIsWarning, 10.0, 11.1",
    "R-REL-10, printsIoctlErrors, 8.1, 9.2",
    "R-REL-11, retriesUnmapAtTop, 8.1, 10.1",
    "R-REL-12, unmapsWholeSpaceAtOnce, 10.2, 11.1",
    "R-REL-13, collectsDirtyOnRemoval, 11.0, 11.1",
    "R-REL-14, trackingNeedsStarted, 10.0, 11.1",
    "R-REL-15, errorsAreValues, 9.1, 11.1",
    "R-REL-16, skipsKnownState, 9.1, 11.1",
    "R-REL-17, errorsAreValues, 9.1, 11.1",
    "R-REL-18, trackedAsIommuDirty, 9.1, 11.1",
    "R-REL-20, trackedAsIommuDirty, 9.1, 11.1",
    "R-REL-21, viommuBlocksOnlyDeviceTracking, 11.0, 11.1",
    "R-REL-22, checksLargeMemory, 11.0, 11.1",
    "R-REL-23, initErrorsSayWhat, 11.1, 11.1",
    "R-REL-33, plugsAsText, 8.1, 9.1",
    "R-REL-34, offersPageSizes, 8.1, 9.0",
    "R-REL-46, mappingLimitIsError, 10.2, 11.1",
    "R-OBS-101, warnsWithoutDmaBuf, 11.1, 11.1",
    "R-OBS-108, stopErrnoIsPositive, 10.1, 11.1",
    "R-OBS-109, keepsSyncErrors, 10.1, 11.1",
    "R-DT-24, skipsKnownTracking, 10.0, 11.1",
    "R-BLK-30, hasMigrationIommuPt, 8.1-iommu-pt, 8.1-iommu-pt",
  })
  void itHoldsFromOneReleaseToAnother(String rule, String component, String first, String last)
      throws ReflectiveOperationException {
    List<String> all = Arrays.stream(QemuProfile.values()).map(QemuProfile::id).toList();

    assertThat(releases(component))
        .as(rule)
        .isEqualTo(all.subList(all.indexOf(first), all.indexOf(last) + 1));
  }

  @Test
  void everySwitchIsInTheTableAbove() throws ReflectiveOperationException {
    List<String> table =
        Arrays.stream(
                VfioBehaviourTest.class
                    .getDeclaredMethod(
                        "itHoldsFromOneReleaseToAnother",
                        String.class,
                        String.class,
                        String.class,
                        String.class)
                    .getAnnotation(CsvSource.class)
                    .value())
            .map(row -> row.split(", ")[1])
            .toList();
    for (RecordComponent component : VfioBehaviour.class.getRecordComponents()) {
      if (component.getType() == boolean.class) {
        assertThat(table).contains(component.getName());
      }
    }
  }

  @Test
  void R_REL_9_the_namesOfTheFunctionsInErrors() {
    assertThat(VfioBehaviour.of(QemuProfile.V8_2).mapFunction()).isEqualTo("vfio_dma_map");
    assertThat(VfioBehaviour.of(QemuProfile.V9_0).mapFunction())
        .isEqualTo("vfio_container_dma_map");
    assertThat(VfioBehaviour.of(QemuProfile.V9_0).unmapFunction())
        .isEqualTo("vfio_container_dma_unmap");
  }

  @Test
  void R_REL_35_whatComesBeforeARefusalOfTheVirtualIommu() {
    assertThat(VfioBehaviour.of(QemuProfile.V9_1).attachPrefix())
        .isEqualTo("Failed to set iommu_device: ");
    assertThat(VfioBehaviour.of(QemuProfile.V10_0).attachPrefix())
        .isEqualTo("Failed to set vIOMMU: ");
  }
}
