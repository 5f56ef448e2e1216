package io.github.stopcopy.cli.html;

import io.github.stopcopy.cli.report.AddressSpaceMap;
import io.github.stopcopy.cli.report.AddressSpaceMap.Kind;
import io.github.stopcopy.cli.report.AddressSpaceMap.Segment;
import io.github.stopcopy.cli.report.DeviceNames;
import io.github.stopcopy.cli.report.DeviceSpace;
import io.github.stopcopy.cli.report.Sizes;
import io.github.stopcopy.cli.report.TrackingWords;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.migration.DeviceTracking;
import io.github.stopcopy.migration.Played;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What devices see and what of it is tracked: a picture and a table for each address space. */
final class SpaceSection {

  private static final int MOST_SPACES = 16;

  private static final int MOST_RUNS = 40;

  private final Played played;
  private final DeviceNames names;
  private int number;

  private SpaceSection(Played played) {
    this.played = played;
    this.names = new DeviceNames(played.story().vm());
  }

  /** Writes each different address space once. */
  static void write(HtmlWriter html, Played played, List<DeviceSpace> spaces) {
    SpaceSection section = new SpaceSection(played);
    int left = html.each(spaces, MOST_SPACES, space -> section.space(html, space));
    LeftOut.write(html, "p", left, "address spaces");
    List<String> words = new ArrayList<>(TrackingWords.others(played));
    TrackingWords.savings(played).ifPresent(words::add);
    if (!words.isEmpty()) {
      FactSections.list(html, words, "containers");
    }
  }

  private void space(HtmlWriter html, DeviceSpace space) {
    number++;
    boolean isOne = space.devices().size() == 1;
    String whose = (isOne ? "Device " : "Devices ") + names.of(space.devices());
    html.section(
        "space-" + number,
        whose,
        body -> {
          body.element("p", summary(space));
          List<Segment> segments = AddressSpaceMap.fewer(space.segments(), MOST_RUNS);
          body.open("div", "class", "space").open("figure", "class", "map");
          new SpaceDrawing(body, space, segments).draw(whose, number);
          body.open("figcaption");
          keys(body, segments);
          body.text(
              " Heights are to scale, but nothing is lower than a line of text, and holes that"
                  + " nobody tracks are cut short.");
          body.close().close();
          table(body, space, segments);
          body.close();
        });
  }

  private String summary(DeviceSpace space) {
    List<String> parts = new ArrayList<>();
    Optional<DeviceTracking> tracking =
        played.verdict().tracking().stream()
            .filter(each -> each.device().equals(space.devices().get(0)))
            .findFirst();
    tracking.ifPresent(each -> {
      parts.add(
          "Tracked in pages of "
              + Sizes.text(BigInteger.valueOf(each.pageSize()))
              + ", "
              + TrackingWords.sum(each));
      each.errno().ifPresent(errno -> parts.add("Refused: " + errno.text()));
    });
    if (!space.unknown().isEmpty()) {
      parts.add("Not known without BAR addresses: " + String.join(", ", space.unknown()));
    }
    parts.addAll(space.notes());
    return parts.isEmpty() ? "Nothing of it is tracked." : String.join(". ", parts) + ".";
  }

  /** What the colours stand for, as far as they are there. */
  private static void keys(HtmlWriter html, List<Segment> segments) {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    segments.forEach(segment -> kinds.add(segment.kind()));
    for (Kind kind : kinds) {
      key(html, fill(kind), kind.toString());
    }
    if (segments.stream().anyMatch(each -> each.isTracked() && !each.isTrackedForNothing())) {
      key(html, "fill-tracked", "tracked");
    }
    if (segments.stream().anyMatch(Segment::isTrackedForNothing)) {
      key(html, "fill-waste", "tracked for nothing: no RAM that the device could write");
    }
  }

  private static void key(HtmlWriter html, String fill, String word) {
    html.open("span", "class", "legend").element("span", "", "class", "key " + fill);
    html.text(word).close().text(" ");
  }

  /** The class that gives a kind its colour. */
  static String fill(Kind kind) {
    return "fill-" + kind.name().toLowerCase(Locale.ROOT);
  }

  private static void table(HtmlWriter html, DeviceSpace space, List<Segment> segments) {
    html.open(
        "div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Addresses");
    html.open("table").open("thead").open("tr");
    html.element("th", "From", "scope", "col").element("th", "To", "scope", "col");
    html.element("th", "Size", "scope", "col", "class", "number");
    html.element("th", "Holds", "scope", "col")
        .element("th", space.isAsked() ? "Tracked" : "Would be tracked", "scope", "col");
    html.close().close().open("tbody");
    for (Segment segment : segments) {
      html.open("tr").open("th", "scope", "row");
      html.element("code", U64.hex(segment.range().first())).close();
      html.open("td").element("code", U64.hex(segment.range().last())).close();
      html.element("td", Sizes.text(segment.bytes()), "class", "number");
      html.element("td", holds(segment));
      html.element(
          "td",
          space.use(segment),
          "class",
          segment.isTrackedForNothing()
              ? "use bad"
              : segment.isTracked() ? "use good" : "use soft");
      html.close();
    }
    html.close().close().close();
  }

  /** What a run holds, in words. */
  static String holds(Segment segment) {
    if (segment.kind() == Kind.MIXED) {
      return segment.runs() + " small runs";
    }
    return segment.name().isEmpty()
        ? segment.kind().toString()
        : segment.kind() + ", " + segment.name();
  }
}
