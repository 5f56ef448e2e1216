package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.memory.RandomTree.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Renders a tree cell by cell, as the rules are written: for each cell it descends from the root
 * and takes the first region that claims it (R-AS-30 .. R-AS-36, R-AS-38).
 */
final class NaivePainter {

  private final RandomTree tree;
  private final boolean knowsUnmergeable;

  /** What a cell shows; the path tells two visits of one region apart. */
  private record Cell(
      Node node,
      int offset,
      long path,
      boolean readonly,
      boolean nonvolatile,
      boolean unmergeable) {}

  private record Flags(boolean readonly, boolean nonvolatile, boolean unmergeable) {}

  NaivePainter(RandomTree tree, boolean knowsUnmergeable) {
    this.tree = tree;
    this.knowsUnmergeable = knowsUnmergeable;
  }

  /** The rows of the view as {@link #rowsOf} writes them. */
  List<String> paint(Node start) {
    Node root = viewRoot(start);
    for (Node node : tree.nodes) {
      node.children.sort(
          Comparator.comparingInt((Node child) -> -child.priority)
              .thenComparingInt(child -> -child.age));
    }
    List<String> rows = new ArrayList<>();
    Cell before = null;
    Cell first = null;
    int firstAt = 0;
    for (int cell = 0; cell <= tree.cells; cell++) {
      Cell now =
          root == null || cell == tree.cells
              ? null
              : claim(root, 0, cell, 0, new Flags(false, false, false));
      if (first != null && !continues(before, now)) {
        rows.add(row(first, firstAt, cell - 1));
        first = null;
      }
      if (first == null && now != null) {
        first = now;
        firstAt = cell;
      }
      before = now;
    }
    return rows;
  }

  private static boolean continues(Cell before, @Nullable Cell now) {
    if (now == null
        || before.node != now.node
        || before.offset + 1 != now.offset
        || before.readonly != now.readonly
        || before.nonvolatile != now.nonvolatile
        || before.unmergeable != now.unmergeable) {
      return false;
    }
    return before.path == now.path || !now.unmergeable;
  }

  private static @Nullable Node viewRoot(Node start) {
    Node node = start;
    while (node.enabled) {
      if (node.target != null) {
        if (node.targetOffset != 0 || node.size < node.target.size) {
          return node;
        }
        node = node.target;
        continue;
      }
      if (node.terminates()) {
        return node;
      }
      List<Node> enabled = node.children.stream().filter(child -> child.enabled).toList();
      if (enabled.isEmpty()) {
        return null;
      }
      Node only = enabled.get(0);
      if (enabled.size() > 1 || only.address != 0 || only.size > node.size) {
        return node;
      }
      node = only;
    }
    return null;
  }

  private @Nullable Cell claim(Node node, int above, int cell, long path, Flags inherited) {
    if (!node.enabled) {
      return null;
    }
    int base = above + node.address;
    if (cell < base || cell >= base + node.size) {
      return null;
    }
    Flags flags =
        new Flags(
            inherited.readonly || node.readonly,
            inherited.nonvolatile || node.nonvolatile,
            inherited.unmergeable || knowsUnmergeable && node.unmergeable);
    long here = path * 64 + node.index + 1;
    if (node.target != null) {
      return claim(node.target, base - node.target.address - node.targetOffset, cell, here, flags);
    }
    for (Node child : node.children) {
      Cell claimed = claim(child, base, cell, here, flags);
      if (claimed != null) {
        return claimed;
      }
    }
    return node.terminates()
        ? new Cell(node, cell - base, here, flags.readonly, flags.nonvolatile, flags.unmergeable)
        : null;
  }

  private String row(Cell cell, int from, int to) {
    return Long.toHexString(tree.address(from))
        + "-"
        + Long.toHexString(tree.address(to + 1) - 1)
        + " "
        + cell.node.region.name()
        + "@"
        + Long.toHexString(tree.address(cell.offset))
        + (cell.readonly ? " ro" : "")
        + (cell.nonvolatile ? " nv" : "")
        + (cell.unmergeable ? " unmergeable" : "")
        + (cell.node.romd ? "" : " i/o");
  }

  /** The part of a real view that lies in the painted cells, in the painter's form. */
  List<String> rowsOf(FlatView view) {
    List<String> rows = new ArrayList<>();
    for (FlatRange range : view.ranges()) {
      rows.add(
          Long.toHexString(range.range().first())
              + "-"
              + Long.toHexString(range.range().last())
              + " "
              + range.region().name()
              + "@"
              + Long.toHexString(range.offsetInRegion())
              + (range.readonly() ? " ro" : "")
              + (range.nonvolatile() ? " nv" : "")
              + (range.unmergeable() ? " unmergeable" : "")
              + (range.romdMode() ? "" : " i/o"));
    }
    return rows;
  }
}
