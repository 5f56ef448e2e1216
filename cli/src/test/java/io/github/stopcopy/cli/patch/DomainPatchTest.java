package io.github.stopcopy.cli.patch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Changes at their place in the XML of a domain, and nothing else touched. */
class DomainPatchTest {

  private static final List<RemedyChange> SETTING = List.of(new RemedyChange.Set("x", "y", "z"));

  private static Optional<String> with(String xml, String added) {
    return new DomainPatch(xml).with(SETTING, Optional.of(added));
  }

  @Test
  void anAttributeIsSetWhereItBelongs() {
    String added = "<iommu model='intel'> <driver caching_mode='on'/> </iommu>";

    assertThat(with("<domain><devices><iommu model='intel'/></devices></domain>", added))
        .contains(
            """
            <domain><devices><iommu model='intel'>
              <driver caching_mode='on'/>
            </iommu></devices></domain>\
            """);
    assertThat(
            with(
                "<domain><devices>\n  <iommu model=\"intel\"><driver eim='on'/></iommu>\n"
                    + "</devices></domain>",
                added))
        .contains(
            "<domain><devices>\n  <iommu model=\"intel\"><driver caching_mode='on' eim='on'/>"
                + "</iommu>\n</devices></domain>");
    assertThat(
            with(
                "<domain><devices><iommu><driver a='>' caching_mode = \"off\"/></iommu></devices>"
                    + "</domain>",
                added))
        .contains(
            "<domain><devices><iommu><driver a='>' caching_mode='on'/></iommu></devices></domain>");
  }

  /** What stands in comments and in CDATA is no element, and the domain may be in a status. */
  @Test
  void whatOnlyLooksLikeAnElementIsLeftAlone() {
    String xml =
        """
        <domstatus>
        <!-- <domain><devices><iommu/></devices></domain> -->
        <domain>
          <title><![CDATA[<devices><iommu/>]]></title>
          <devices>
            <iommu model='intel'/>
          </devices>
        </domain>
        </domstatus>
        """;
    List<RemedyChange> removal = List.of(new RemedyChange.Remove("intel-iommu"));

    assertThat(new DomainPatch(xml).with(removal, Optional.empty()))
        .contains(xml.replace("    <iommu model='intel'/>\n", ""));
  }

  @Test
  void anOverrideGoesIntoTheOneThatIsThere() {
    String added =
        """
        <qemu:override xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
          <qemu:device alias='ua-b'/>
        </qemu:override>\
        """;

    assertThat(
            with(
                """
                <domain>
                  <devices/>
                  <qemu:override>
                    <qemu:device alias='ua-a'/>
                  </qemu:override>
                </domain>
                """,
                added))
        .contains(
            """
            <domain>
              <devices/>
              <qemu:override>
                <qemu:device alias='ua-a'/>
                <qemu:device alias='ua-b'/>
              </qemu:override>
            </domain>
            """);
  }

  @Test
  void processorsChangeWhereNothingElseCountsThem() {
    List<RemedyChange> cpus = List.of(new RemedyChange.Set("smp", "cpus", "255"));
    String xml = "<domain><vcpu placement='static'>300</vcpu></domain>";

    assertThat(new DomainPatch(xml).with(cpus, Optional.empty()))
        .contains("<domain><vcpu placement='static'>255</vcpu></domain>");
    assertThat(
            new DomainPatch(xml.replace("</vcpu>", "</vcpu><cpu><topology cores='300'/></cpu>"))
                .with(cpus, Optional.empty()))
        .isEmpty();
  }

  @Test
  void whatHasNoPlaceMakesNoPatch() {
    assertThat(with("<domain><devices/></domain>", "<hostdev> <!-- v1 --> </hostdev>")).isEmpty();
    assertThat(new DomainPatch("<domain/>").with(SETTING, Optional.empty())).isEmpty();
    assertThat(
            new DomainPatch("<domain><devices/></domain>")
                .with(List.of(new RemedyChange.Remove("iommu0")), Optional.empty()))
        .isEmpty();
  }
}
