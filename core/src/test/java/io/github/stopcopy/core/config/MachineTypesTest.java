package io.github.stopcopy.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.core.profile.QemuProfile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Family and age of machine types, read off their names. */
class MachineTypesTest {

  @ParameterizedTest
  @CsvSource({
    "pc-q35-9.1, true, true",
    "pc-q35-9.2, false, true",
    "pc-i440fx-9.1, true, false",
    "pc-i440fx-2.12, true, false",
    "pc-q35-10.0, false, true",
    "pc-q35-10.0.1, false, true",
    "pc-1.3, true, false",
    "q35, false, true",
    "pc, false, false",
    "microvm, false, false",
    "pc-q35-9.0+pve1, true, true",
    "pc-q35-10.0+pve1, false, true",
    "q35+pve0, false, true",
    "pc-i440fx-9.1+pve2, true, false",
    "pc+pve0, false, false",
    "pc-q35-jammy, true, true",
    "pc-q35-noble-hpb, true, true",
    "pc-i440fx-plucky, false, false",
    "pc-q35-rhel9.4.0, true, true",
    "pc-q35-rhel9.6.0, true, true",
    "pc-i440fx-rhel7.6.0, true, false",
    "pc-q35-rhel99.0.0, false, true",
    "pc-q35-unheard, false, true",
  })
  void machineTypesAgeByVersionNotByText(String type, boolean atMost91, boolean q35) {
    assertThat(MachineTypes.isAtMost(type, 9, 1)).isEqualTo(atMost91);
    assertThat(MachineTypes.isQ35(type)).isEqualTo(q35);
    assertThat(MachineTypes.isPc(type)).isEqualTo(!type.equals("microvm"));
  }

  @ParameterizedTest
  @CsvSource({
    "pc-q35-rhel9.4.0, pc-q35-8.2",
    "pc-i440fx-jammy, pc-i440fx-6.2",
    "pc-q35-noble-hpb, pc-q35-8.2",
    "pc-q35-noble-v2, pc-q35-8.2",
    "pc-q35-9.0+pve1, pc-q35-9.0",
    "q35+pve0, q35",
  })
  void whatDerivesFromAnotherIsReadAsThat(String type, String upstream) {
    assertThat(MachineTypes.note(type))
        .hasValue(
            "Machine type "
                + type
                + " is a distribution's own and read as "
                + upstream
                + ", from which it derives.");
    assertThat(MachineTypes.isKnown(type)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"pc-q35-rhel99.0.0, q35", "pc-i440fx-unheard, pc", "pc-q35-jammy9, q35"})
  void whatIsNotKnownIsReadAsTheNewest(String type, String newest) {
    assertThat(MachineTypes.note(type))
        .hasValue(
            "Nothing is known of the machine type "
                + type
                + "; it is read as "
                + newest
                + ", the newest of its family.");
    assertThat(MachineTypes.isKnown(type)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"q35", "pc", "pc-q35-9.1", "pc-i440fx-2.12", "pc-1.3"})
  void qemusOwnTypesNeedNoNote(String type) {
    assertThat(MachineTypes.note(type)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "pc-q35-rhel9.4.0, true",
    "pc-i440fx-rhel7.6.0, true",
    "pc-q35-rhel99.0.0, true",
    "pc-q35-noble-hpb, true",
    "pc-q35-noble, false",
    "pc-q35-9.1, false",
    "q35+pve0, false",
  })
  void whichTypesTakeTheHostsAddressWidth(String type, boolean expected) {
    assertThat(MachineTypes.hasHostPhysBits(type)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "V10_0, pc-q35-10.0, false",
    "V10_0, pc-q35-10.1, true",
    "V10_0, pc-i440fx-11.1+pve1, true",
    "V8_1, pc-q35-8.2, true",
    "V8_1_IOMMU_PT, pc-q35-8.2, false",
    "V8_1, pc-q35-noble, false",
    "V11_1, pc-q35-12.0, false",
    "V8_1, pc-q35-12.0, false",
    "V8_1, q35, false",
  })
  void aTypeThatCameWithALaterReleaseIsNewer(QemuProfile profile, String type, boolean newer) {
    assertThat(MachineTypes.isNewerThan(profile, type)).isEqualTo(newer);
  }

  /** Where the model asks how old a type is, the list has the version; a new one must be added. */
  @Test
  void theLastOfEachDefaultsAreThoseThatTheModelAsksFor() throws Exception {
    Pattern asked = Pattern.compile("MachineTypes\\.isAtMost\\([^;]*?, ([0-9]+), ([0-9]+)\\)");
    Set<String> versions = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of(".."))) {
      for (Path file : files.filter(each -> each.toString().contains("src/main/java")).toList()) {
        if (file.toString().endsWith(".java")) {
          Matcher found = asked.matcher(Files.readString(file));
          while (found.find()) {
            versions.add(found.group(1) + "." + found.group(2));
          }
        }
      }
    }
    versions.remove("2.7"); // no release that is known has it
    assertThat(MachineTypes.lastOfEachDefaults())
        .containsExactlyInAnyOrderElementsOf(versions)
        .isSortedAccordingTo(Comparator.reverseOrder());
  }
}
