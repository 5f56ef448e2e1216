package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.cli.html.PageReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** The page of {@code stopcopy fleet}: it tells what the text tells. */
class FleetReportTest {

  @TempDir private Path folder;

  private String file(String name, List<String> lines) throws IOException {
    return Files.write(folder.resolve(name), lines).toString();
  }

  private String fleet() throws IOException {
    return file("fleet.jsonl", FleetCommandTest.lines());
  }

  /** The page says what the text says, and is the same printed and in a file. */
  @Test
  void aPageTellsWhatTheTextTells() throws Exception {
    Path file = folder.resolve("fleet.html");
    CommandLineRun text =
        CommandLineRun.of("fleet", "--qemu-version", "11.1", "--report", file.toString(), fleet());
    CommandLineRun html =
        CommandLineRun.command("fleet", "--qemu-version", "11.1", "--format", "html", fleet());
    PageReader page = PageReader.read(html.out());
    page.assertSound();

    assertThat(html.exitCode()).isEqualTo(1);
    assertThat(html.err()).isEmpty();
    assertThat(Files.readString(file)).isEqualTo(html.out());
    assertThat(page.texts("h1"))
        .containsExactly(text.out().lines().findFirst().orElseThrow())
        .containsExactly("4 of 9 VMs can move; 4 cannot, 1 unknown (QEMU 11.1)");
    assertThat(page.texts("h2"))
        .containsExactly(
            "What frees most VMs",
            "Why VMs do not move",
            "By node",
            "VMs that do not move",
            "VMs that are unknown");
    assertThat(page.texts("dd")).containsExactly("9", "4", "0", "4", "0", "0", "1");
    assertThat(rows(page, "why"))
        .containsExactly("VIOMMU_PRESENT|4|8|big0, big1, big2|4: unplug-for-migration (unplug)");
    assertThat(rows(page, "frees"))
        .contains(
            "--set vfio-pci.x-device-dirty-page-tracking=off --set vfio-pci.enable-migration=on"
                + "|4|restart");
    assertThat(rows(page, "nodes"))
        .containsExactly("n1|0|0|4|0", "(none said)|0|0|0|1", "n2|4|0|0|0");
    assertThat(rows(page, "vms"))
        .hasSize(4)
        .contains("big3|n1|blocked|VIOMMU_PRESENT [0000:3b:00.2, 0000:3b:00.3]");
    assertThat(rows(page, "unknown")).singleElement().asString().startsWith("odd||unknown|");
  }

  @Test
  void aPageWithABaselineNamesWhatIsNewlyWorse() throws Exception {
    Path baseline = folder.resolve("baseline.jsonl");
    Files.writeString(baseline, CommandLineRun.command("fleet", "--format", "json", fleet()).out());
    List<String> lines = FleetCommandTest.lines();
    lines.add(FleetCommandTest.vm("web1", "n1", "big-q35-intel-viommu").toString());
    lines.add("{\"id\":\"web2\"}");
    CommandLineRun run =
        CommandLineRun.command(
            "fleet",
            "--format",
            "html",
            "--baseline",
            baseline.toString(),
            file("worse.jsonl", lines));
    PageReader page = PageReader.read(run.out());
    page.assertSound();

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(page.texts("h1"))
        .containsExactly("2 of 11 VMs newly worse, of which 2 cannot move or are unknown");
    assertThat(page.texts("p")).anyMatch(text -> text.startsWith("4 of 11 VMs can move"));
    assertThat(rows(page, "vms"))
        .containsExactly(
            "web1|n1|blocked|was migratable|VIOMMU_PRESENT [0000:3b:00.2, 0000:3b:00.3]");
    assertThat(rows(page, "unknown"))
        .singleElement()
        .asString()
        .startsWith("web2||unknown|was migratable|");
  }

  /** The rows of the table in a section, cells between bars. */
  private static List<String> rows(PageReader page, String section) {
    List<String> rows = new ArrayList<>();
    for (Element each : page.elements("section")) {
      if (each.getAttribute("id").equals(section)) {
        NodeList all = each.getElementsByTagName("tr");
        for (int i = 1; i < all.getLength(); i++) {
          List<String> cells = new ArrayList<>();
          for (Node cell = all.item(i).getFirstChild();
              cell != null;
              cell = cell.getNextSibling()) {
            if (cell instanceof Element) {
              cells.add(cell.getTextContent().strip());
            }
          }
          rows.add(String.join("|", cells));
        }
      }
    }
    return rows;
  }
}
