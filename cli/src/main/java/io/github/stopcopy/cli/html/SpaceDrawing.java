package io.github.stopcopy.cli.html;

import io.github.stopcopy.cli.report.AddressSpaceMap.Kind;
import io.github.stopcopy.cli.report.AddressSpaceMap.Segment;
import io.github.stopcopy.cli.report.DeviceSpace;
import io.github.stopcopy.cli.report.Sizes;
import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.spi.IovaLimits;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;

/** An address space to scale, as SVG: what is there, what is tracked, how far a vIOMMU reaches. */
final class SpaceDrawing {

  private static final int WIDTH = 344;
  private static final int TOP = 22;
  private static final int ADDRESS = 122;
  private static final int MEMORY = 130;
  private static final int MEMORY_WIDTH = 54;
  private static final int TRACKED = 192;
  private static final int TRACKED_WIDTH = 18;
  private static final int VIOMMU = 219;
  private static final int LABEL = 230;

  /** What all that is to scale would take together. */
  private static final int SCALE = 260;

  private static final int LOWEST = 21;
  private static final int HOLE = 32;
  private static final int LONGEST_LABEL = 17;

  private final HtmlWriter html;
  private final DeviceSpace space;
  private final List<Segment> segments;
  private final BigInteger whole;

  /** The drawing of these runs, which are those of the space or fewer. */
  SpaceDrawing(HtmlWriter html, DeviceSpace space, List<Segment> segments) {
    this.html = html;
    this.space = space;
    this.segments = segments;
    this.whole =
        segments.stream()
            .filter(segment -> !isCutShort(segment))
            .map(Segment::bytes)
            .reduce(BigInteger.ONE, BigInteger::add);
  }

  /** A hole that nobody tracks; what is tracked for nothing is worth its height. */
  private static boolean isCutShort(Segment segment) {
    return segment.kind() == Kind.NOTHING && !segment.isTracked();
  }

  private int height(Segment segment) {
    if (isCutShort(segment)) {
      return HOLE;
    }
    int scaled =
        new BigDecimal(segment.bytes().multiply(BigInteger.valueOf(SCALE)))
            .divide(new BigDecimal(whole), 0, RoundingMode.HALF_UP)
            .intValueExact();
    return Math.max(LOWEST, scaled);
  }

  /**
   * Writes the picture.
   *
   * @param whose for whom the picture is
   * @param number which picture of the page it is, for its ids
   */
  void draw(String whose, int number) {
    int bottom = TOP + segments.stream().mapToInt(this::height).sum();
    int height = bottom + (space.limits().isPresent() ? 42 : 24);
    String title = html.newId("map-title-" + number);
    String text = html.newId("map-text-" + number);
    String hatch = html.newId("map-hatch-" + number);
    html.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "class",
        "map",
        "role",
        "img",
        "viewBox",
        "0 0 " + WIDTH + " " + height,
        "aria-labelledby",
        title + " " + text);
    html.element("title", "Address space of " + whose, "id", title);
    html.element("desc", describe(), "id", text);
    html.open("defs")
        .open(
            "pattern", "id", hatch, "width", "6", "height", "6", "patternUnits", "userSpaceOnUse");
    html.empty("path", "d", "M-1 7L7 -1M-1 1L1 -1M5 7L7 5", "class", "waste");
    html.close().close();
    label(MEMORY, TOP - 8, "memory", "soft-text small-text");
    label(TRACKED - 2, TOP - 8, "tracked", "soft-text small-text");
    int y = TOP;
    for (Segment segment : segments) {
      segment(segment, y, "url(#" + hatch + ")");
      y += height(segment);
    }
    address(segments.get(segments.size() - 1).range().last(), bottom + 12);
    space.limits().ifPresent(limits -> width(limits, bottom));
    html.close();
  }

  private void segment(Segment segment, int y, String hatch) {
    int height = height(segment);
    html.open("g");
    html.element(
        "title",
        SpaceSection.holds(segment)
            + ", "
            + segment.range()
            + ", "
            + Sizes.text(segment.bytes())
            + ", "
            + space.use(segment));
    line(0, y, WIDTH, y, "tick");
    html.rectangle(MEMORY, y, MEMORY_WIDTH, height, SpaceSection.fill(segment.kind()));
    if (isCutShort(segment)) {
      gap(y + height / 2);
    }
    if (segment.isTrackedForNothing()) {
      html.empty(
          "rect",
          "x",
          String.valueOf(TRACKED),
          "y",
          String.valueOf(y),
          "width",
          String.valueOf(TRACKED_WIDTH),
          "height",
          String.valueOf(height),
          "fill",
          hatch);
      html.rectangle(TRACKED, y, TRACKED_WIDTH, height, "waste-edge");
    } else if (segment.isTracked()) {
      html.rectangle(TRACKED, y, TRACKED_WIDTH, height, "fill-tracked");
    }
    address(segment.range().first(), y + 13);
    String word =
        segment.kind() == Kind.MIXED ? segment.runs() + " runs" : segment.kind().toString();
    String label = word + " " + Sizes.text(segment.bytes());
    label(
        LABEL,
        y + Math.min(height / 2 + 4, 15),
        label.length() > LONGEST_LABEL ? Sizes.text(segment.bytes()) : label,
        segment.kind() == Kind.NOTHING ? "soft-text" : "");
    html.close();
  }

  /** A zigzag where a hole is cut short. */
  private void gap(int y) {
    StringBuilder teeth = new StringBuilder("M" + (MEMORY - 4) + " " + (y + 3));
    int x = MEMORY - 4;
    for (boolean isUp = true; x < MEMORY + MEMORY_WIDTH + 4; isUp = !isUp) {
      x += 7;
      teeth.append('L').append(x).append(' ').append(isUp ? y - 3 : y + 3);
    }
    html.empty("path", "d", teeth.toString(), "class", "width");
  }

  /** How far the vIOMMU could translate: a line beside what it covers. */
  private void width(IovaLimits limits, int bottom) {
    if (limits.canTranslate()) {
      int end = bottom;
      boolean isInside = false;
      int y = TOP;
      for (Segment segment : segments) {
        if (U64.less(limits.lastIova(), segment.range().first()) && !isInside) {
          end = y;
          isInside = true;
        }
        y += height(segment);
      }
      line(VIOMMU, TOP, VIOMMU, end, "width");
      String tip = String.valueOf(end + (isInside ? 0 : 6));
      html.empty(
          "path",
          "d",
          isInside
              ? "M" + (VIOMMU - 4) + " " + tip + "H" + (VIOMMU + 4)
              : "M"
                  + (VIOMMU - 4)
                  + " "
                  + end
                  + "L"
                  + VIOMMU
                  + " "
                  + tip
                  + "L"
                  + (VIOMMU + 4)
                  + " "
                  + end,
          "class",
          "width");
    }
    label(
        ADDRESS - 114,
        bottom + 33,
        limits.canTranslate()
            ? "vIOMMU: " + limits.addressBits() + " bits, to " + U64.hex(limits.lastIova())
            : "vIOMMU: remaps interrupts only",
        "soft-text small-text");
  }

  /** The picture for who does not see it; the table beside it has all numbers. */
  private String describe() {
    StringBuilder text = new StringBuilder();
    for (Segment segment : segments) {
      text.append(segment.kind())
          .append(' ')
          .append(Sizes.text(segment.bytes()))
          .append(' ')
          .append(space.use(segment))
          .append("; ");
    }
    Optional<IovaLimits> limits = space.limits();
    limits.ifPresent(width -> text.append("vIOMMU ").append(width.addressBits()).append(" bits; "));
    return text.append("from address 0 up.").toString();
  }

  private void address(long address, int y) {
    html.element(
        "text",
        U64.hex(address),
        "class",
        "address",
        "text-anchor",
        "end",
        "x",
        String.valueOf(ADDRESS),
        "y",
        String.valueOf(y));
  }

  private void label(int x, int y, String text, String style) {
    html.element("text", text, "x", String.valueOf(x), "y", String.valueOf(y), "class", style);
  }

  private void line(int x1, int y1, int x2, int y2, String style) {
    html.empty("path", "d", "M" + x1 + " " + y1 + "L" + x2 + " " + y2, "class", style);
  }
}
