package io.github.stopcopy.migration.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.reason.ReasonCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages are found in lines, with the devices they name, whatever stands around them. */
class MessageFinderTest {

  private static final String A = "0000:01:00.0";
  private static final String PRESENT =
      A + ": Migration is currently not supported with vIOMMU enabled";

  private final MessageFinder finder = new MessageFinder();

  private List<FoundMessage> in(String line) {
    return finder.in(line);
  }

  private FoundMessage only(String line) {
    List<FoundMessage> found = in(line);
    assertThat(found).as(line).hasSize(1);
    return found.get(0);
  }

  @Test
  void aMessageIsFoundWhateverStandsAroundIt() {
    for (String line :
        List.of(
            PRESENT,
            "2025-05-04T11:12:13.123456Z qemu-system-x86_64: -device vfio-pci,host=01:00.0: vfio "
                + A
                + ": "
                + PRESENT,
            "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" + PRESENT + "\"}}",
            "{\"desc\":\"" + PRESENT + "\"}",
            "Error: " + PRESENT + "\r")) {
      FoundMessage found = only(line);
      assertThat(found.message().codes()).containsExactly(ReasonCode.VIOMMU_PRESENT);
      assertThat(found.device()).contains(A);
      assertThat(found.text()).isEqualTo(PRESENT);
    }
  }

  @Test
  void libvirtGivesSeveralReasonsInOneLine() {
    List<FoundMessage> found =
        in(
            "error: Requested operation is not valid: cannot migrate domain: "
                + PRESENT
                + "; 0000:02:00.0: VFIO migration is not supported in kernel");

    assertThat(found)
        .extracting(each -> each.message().speaker().toString())
        .containsExactly("libvirt", "QEMU", "QEMU");
    assertThat(found)
        .extracting(FoundMessage::device)
        .containsExactly(Optional.empty(), Optional.of(A), Optional.of("0000:02:00.0"));
  }

  @Test
  void theDeviceOfARefusalStandsInFrontOfIt() {
    assertThat(only("vfio " + A + ": group 7 used in multiple address spaces").device())
        .contains(A);
    assertThat(only("group 7 used in multiple address spaces").device()).isEmpty();
  }

  @Test
  void namesAreThoseOfSysfsToo() {
    String uuid = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
    assertThat(only(uuid + ": Migration is disabled for VFIO device").device()).contains(uuid);
  }

  @Test
  void ofTwoThatFitTheMoreExactOneCounts() {
    assertThat(
            only("vfio_container_dma_map(PTR, 0x1000, 0x1000, PTR) = -17 (File exists)")
                .message()
                .codes())
        .contains(ReasonCode.VIRTIO_IOMMU_LOSES_DIRTY_PAGES);
    assertThat(
            only("vfio_container_dma_map(0x5581, 0x1000, 0x1000, 0x7f12) = -22 (Invalid argument)")
                .message()
                .codes())
        .contains(ReasonCode.CONTAINER_SETUP_FAILED);
  }

  @Test
  void whatIsNoMessageIsNone() {
    assertThat(in("")).isEmpty();
    assertThat(in("all is well")).isEmpty();
    assertThat(in(": Migration is disabled for VFIO device")).isEmpty();
    assertThat(in("Failed to set dirty tracking flag x errno: many")).isEmpty();
  }

  /** What is always there is looked for; a hole costs its longest at most. */
  @Test
  void aHostileLineCostsNoMoreThanItsLengthTimesAConstant() {
    String pivot = "vfio_dma_map(";
    assertThat(in(pivot.repeat(20_000))).isEmpty();
    assertThat(
            in("a".repeat(1_000_000) + ": Migration is disabled for VFIO device").get(0).device())
        .get()
        .asString()
        .hasSize(Hole.DEVICE.longest());
    assertThat(in((PRESENT + "; ").repeat(2_000))).hasSize(2_000);
  }

  @Test
  void everyMessageIsFoundInItself() {
    for (KnownMessage message : KnownMessages.all()) {
      String said =
          message
              .text()
              .replace("{device}", A)
              .replace("{number}", "-22")
              .replace("{hex}", "0x1000")
              .replace("{ptr}", "PTR")
              .replace("{words}", "Invalid argument")
              .replace("{word}", "word")
              .replace("{text}", "something else");
      assertThat(in(said)).as(said).extracting(FoundMessage::message).contains(message);
    }
  }

  @Test
  void noTextIsThereTwiceAndReleasesAreInOrder() {
    List<String> texts = new ArrayList<>();
    for (KnownMessage message : KnownMessages.all()) {
      texts.add(message.text());
      assertThat(message.codes()).doesNotHaveDuplicates();
      assertThat(message.codes().isEmpty() && message.note().isEmpty())
          .as("%s says nothing", message.text())
          .isFalse();
      if (message.since().isPresent() && message.until().isPresent()) {
        assertThat(message.until().get()).isGreaterThanOrEqualTo(message.since().get());
      }
    }
    assertThat(texts).doesNotHaveDuplicates();
  }

  @Test
  void releasesAreToldInWords() {
    KnownMessage always = KnownMessage.qemu("a text");
    assertThat(always.said()).isEqualTo("QEMU from 8.1 on");
    assertThat(always.from(QemuProfile.V9_1).said()).isEqualTo("QEMU from 9.1 on");
    assertThat(always.upTo(QemuProfile.V9_0).said()).isEqualTo("QEMU 8.1 to 9.0");
    assertThat(always.only(QemuProfile.V8_1).said()).isEqualTo("QEMU 8.1");
    assertThat(KnownMessage.libvirt("a text").said()).isEqualTo("libvirt");
    assertThat(always.upTo(QemuProfile.V9_0).isSaidBy(QemuProfile.V9_1)).isFalse();
    assertThat(always.from(QemuProfile.V9_1).isSaidBy(QemuProfile.V9_1)).isTrue();
  }

  @Test
  void aTemplateThatIsEverywhereOrCannotEndIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new MessageTemplate("{text}: {text}"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MessageTemplate("a text {word}{hex}x"));
    assertThatIllegalArgumentException().isThrownBy(() -> new MessageTemplate("a text {thing}"));
  }

  /** Characters at the ends of what a hole takes, and the nearest that it does not. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "DEVICE | azAZ09:.-_ | @[{/;,",
        "NUMBER | 09- | /:ax",
        "HEX | 09afx | /:gX",
        "PTR | 09afxPTR()nil | g/QS*m",
        "WORDS | azAZ09/_-' | @[{:.",
        "WORD | !az~{ | '\"",
        "TEXT | az!~' | \";"
      })
  void aHoleTakesTheseCharactersAndNotThose(Hole hole, String taken, String refused) {
    assertThat(taken.chars()).allMatch(c -> hole.takes((char) c.intValue()));
    assertThat(refused.chars()).noneMatch(c -> hole.takes((char) c.intValue()));
  }

  @Test
  void aHoleOfWordsOrTextTakesBlanksAndNoOtherWhiteSpace() {
    assertThat(Hole.WORDS.takes(' ')).isTrue();
    assertThat(Hole.TEXT.takes(' ')).isTrue();
    assertThat(Hole.TEXT.takes('\t')).isFalse();
    assertThat(Hole.WORD.takes(' ')).isFalse();
  }

  private static Optional<String> deviceIn(String template, String line) {
    return new MessageTemplate(template).in(line).get(0).device();
  }

  @Test
  void theFirstDeviceThatAMessageNamesCounts() {
    assertThat(deviceIn("{device}: stands in for {device} now", A + ": stands in for b now"))
        .contains(A);
    assertThat(deviceIn("{device}: has the state {word}", A + ": has the state STOP")).contains(A);
    assertThat(deviceIn("group {number} of device {device}", "group 7 of device " + A)).contains(A);
    assertThat(deviceIn("the state is {word} now", "the state is STOP now")).isEmpty();
  }

  @Test
  void theMessagesOfAReasonAreThoseThatCanStandForIt() {
    List<KnownMessage> messages = KnownMessages.of(ReasonCode.PHYS_BITS_TOO_LOW);
    assertThat(messages)
        .extracting(KnownMessage::text)
        .contains("Address space limit {hex} < {hex} phys-bits too low ({number})")
        .doesNotContain("device is already attached");
    assertThat(messages)
        .allMatch(message -> message.codes().contains(ReasonCode.PHYS_BITS_TOO_LOW));
  }
}
