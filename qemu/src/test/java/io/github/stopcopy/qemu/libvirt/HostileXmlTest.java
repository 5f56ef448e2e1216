package io.github.stopcopy.qemu.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.qemu.Mutations;
import io.github.stopcopy.qemu.Resources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** XML that wants to do harm, and XML that is broken, get one line. */
class HostileXmlTest {

  private static void assertRefused(String xml, String... parts) {
    assertThatThrownBy(() -> LibvirtDomain.parse("vm.xml", xml))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("vm.xml:")
        .hasMessageContainingAll(parts)
        .hasMessageNotContaining("\n");
  }

  @Test
  void nothingOutsideIsRead(@TempDir Path folder) throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "TOP-SECRET");
    for (String type :
        List.of(
            "<!DOCTYPE domain [<!ENTITY x SYSTEM \"" + secret.toUri() + "\">]>",
            "<!DOCTYPE domain SYSTEM \"" + secret.toUri() + "\">",
            "<!DOCTYPE domain [<!ENTITY % x SYSTEM \"" + secret.toUri() + "\"> %x;]>")) {
      assertRefused(
          type + "<domain type='kvm'><name>&x;</name></domain>", "document type declaration");
    }
  }

  @Test
  void entitiesThatGrowAreRefusedAtOnce() {
    StringBuilder type = new StringBuilder("<!DOCTYPE d [<!ENTITY a0 'ha'>");
    for (int i = 1; i < 40; i++) {
      type.append("<!ENTITY a")
          .append(i)
          .append(" '&a")
          .append(i - 1)
          .append(";&a")
          .append(i - 1)
          .append(";'>");
    }
    assertRefused(type + "]>\n<domain>&a39;</domain>", "document type declaration");
  }

  @Test
  void depthAndLengthAreBounded() {
    assertRefused("<domain>" + "\n<a>".repeat(100_000), "more than 64 elements in each other");
    assertRefused("x".repeat((4 << 20) + 1), "expected at most 4194304");
  }

  @Test
  void whatTakesTimeOrFillsTheAnswerIsRefusedAtOnce() {
    StringBuilder namespaces = new StringBuilder("<domain");
    for (int i = 0; i < 200_000; i++) {
      namespaces.append(" xmlns:a").append(i).append("='u'");
    }
    assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> assertRefused(namespaces + "/>", "more than 1000 namespaces, expected fewer"));
    assertRefused(
        "<domain>\n" + "<what/>".repeat(100_000) + "</domain>",
        "vm.xml:2: more than 100000 elements, expected fewer");
  }

  @Test
  void longNamesAndValuesAreCutInTheMessage() {
    String megabytes = "y".repeat(3 << 20);
    assertRefused("<domain><" + megabytes + "/></domain>", "no valid XML: The length of");
    assertRefused("<domain type='" + megabytes + "'/>", "expected");
    assertRefused("<domain><cpu a='" + "y".repeat(10 << 20) + "'/></domain>", "expected at most");
  }

  @Test
  void whatHoldsADomainIsNoDomain() {
    for (String root : List.of("domainsnapshot", "domains", "network")) {
      assertRefused(
          "<" + root + ">\n<domain type='kvm'/></" + root + ">",
          "vm.xml:1: the root element is <" + root + ">, expected <domain>");
    }
  }

  @Test
  void otherKindsOfGuests() {
    assertRefused(
        "<domain type='lxc'><os><type>exe</type></os></domain>",
        "<type>: 'exe' is not modelled, expected hvm");
    assertRefused(
        "<domain type='xen'><os><type>xen</type></os></domain>",
        "<type>: 'xen' is not modelled, expected hvm");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-8", "UTF-16", "ISO-8859-1", "no-such-thing"})
  void whatEncodingIsDeclaredDoesNotMatterToTextThatWasDecoded(String encoding) throws Exception {
    String xml =
        "<?xml version='1.0' encoding='"
            + encoding
            + "'?><domain type='kvm'><name>caf\u00e9</name><memory>1048576</memory>"
            + "<os><type machine='pc-q35-9.2'>hvm</type></os></domain>";
    assertThat(LibvirtDomain.parse("vm.xml", xml).vm().ramSize()).isEqualTo(1L << 30);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "hello",
        "<domain",
        "<domain type='kvm'>",
        "<domain><a></domain>",
        "<network/>",
        "<domain type='kvm' type='qemu'/>",
        "<domain>&what;</domain>",
        "<domain a='&what;'/>",
        "<x:domain/>",
        "<domain xmlns='urn:x'/>",
        "<domain type='kvm'/>",
        "\u0000\u0001",
        "<domain type='kvm'>\u0000</domain>",
        "<domain type='kvm'>&#0;</domain>",
        "<domain type='kvm'><![CDATA[",
        "<?php echo 1 ?>",
        "<?xml version='9.9'?><domain type='kvm'/>",
        "<domain/><domain/>",
        "<domain type='kvm'><os><type>exe</type></os></domain>"
      })
  void whatIsNoDomain(String xml) {
    assertRefused(xml, "expected");
  }

  @Test
  void malformedXmlIsNamedWithItsLine() {
    assertRefused("<domain>\n<memory>\n</domain>", "vm.xml:3: no valid XML: ", "memory");
  }

  @Test
  void damagedDomainsAreReadOrRefusedInOneLine() {
    List<String> tokens =
        List.of("<", ">", "'", "/>", "<devices>", "0x", "-1", "99999999999999999999", "&", "pci.1");
    Random random = new Random(7);
    for (String name :
        List.of("root-ports.stored", "dimms.xml", "qemu-override.stored", "ovirt.xml")) {
      String good = Resources.text("/libvirt/" + name);
      for (int i = 0; i < 500; i++) {
        String damaged = Mutations.of(good, random, tokens);
        try {
          assertThat(LibvirtDomain.parse("vm.xml", damaged).vm().ramSize()).isPositive();
        } catch (InputException refused) {
          assertThat(refused.getMessage()).startsWith("vm.xml:").doesNotContain("\n");
        } catch (RuntimeException e) {
          fail("on " + damaged, e);
        }
      }
    }
  }
}
