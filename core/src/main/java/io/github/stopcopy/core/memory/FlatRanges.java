package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.U64;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a flat view, ascending: chunks of them in a balanced tree whose nodes never change,
 * so that a list in which some are replaced shares all but a few nodes with the one before.
 * Immutable, thread-safe.
 */
final class FlatRanges extends AbstractList<FlatRange> {

  static final FlatRanges NONE = new FlatRanges(null);

  /** What a copy of a chunk costs against what each node costs. */
  private static final int MOST_IN_CHUNK = 64;

  private static final int FEW_IN_CHUNK = 16;

  private final @Nullable Node root;

  /** A chunk that is not empty, what lies before it and what lies behind it. */
  private static final class Node {
    final @Nullable Node left;
    final FlatRange[] chunk;
    final @Nullable Node right;
    final long first;
    final long last;
    final int size;
    final int height;

    Node(@Nullable Node left, FlatRange[] chunk, @Nullable Node right) {
      this.left = left;
      this.chunk = chunk;
      this.right = right;
      this.first = chunk[0].range().first();
      this.last = chunk[chunk.length - 1].range().last();
      this.size = sizeOf(left) + chunk.length + sizeOf(right);
      this.height = 1 + Math.max(heightOf(left), heightOf(right));
    }
  }

  private FlatRanges(@Nullable Node root) {
    this.root = root;
  }

  /** These runs, which are in order and do not overlap. */
  static FlatRanges of(List<FlatRange> ranges) {
    FlatRange[] all = ranges.toArray(new FlatRange[0]);
    int chunks = (all.length + MOST_IN_CHUNK - 1) / MOST_IN_CHUNK;
    return switch (chunks) {
      case 0 -> NONE;
      case 1 -> new FlatRanges(new Node(null, all, null));
      default -> new FlatRanges(balanced(all, 0, chunks, chunks));
    };
  }

  /** A tree of the chunks from {@code from} to before {@code to} of {@code all}. */
  private static @Nullable Node balanced(FlatRange[] all, int from, int to, int chunks) {
    if (from == to) {
      return null;
    }
    int middle = (from + to) >>> 1;
    return new Node(
        balanced(all, from, middle, chunks),
        Arrays.copyOfRange(all, startOf(all, middle, chunks), startOf(all, middle + 1, chunks)),
        balanced(all, middle + 1, to, chunks));
  }

  private static int startOf(FlatRange[] all, int chunk, int chunks) {
    return (int) ((long) all.length * chunk / chunks);
  }

  @Override
  public int size() {
    return sizeOf(root);
  }

  @Override
  public FlatRange get(int index) {
    Node node = root;
    int at = index;
    while (node != null) {
      int before = sizeOf(node.left);
      if (at < before) {
        node = node.left;
      } else if (at - before < node.chunk.length) {
        return node.chunk[at - before];
      } else {
        at -= before + node.chunk.length;
        node = node.right;
      }
    }
    throw new IndexOutOfBoundsException(index + " of " + size());
  }

  /** The run that holds an address. */
  @Nullable FlatRange at(long address) {
    Node node = root;
    while (node != null) {
      if (U64.less(address, node.first)) {
        node = node.left;
      } else if (U64.less(node.last, address)) {
        node = node.right;
      } else {
        FlatRange range = node.chunk[reaching(node.chunk, address)];
        return U64.lessOrEqual(range.range().first(), address) ? range : null;
      }
    }
    return null;
  }

  /** How many runs end before an address, which is the index of the first that does not. */
  int endingBefore(long address) {
    int before = 0;
    Node node = root;
    while (node != null) {
      if (U64.less(address, node.first)) {
        node = node.left;
      } else if (U64.less(node.last, address)) {
        before += sizeOf(node.left) + node.chunk.length;
        node = node.right;
      } else {
        return before + sizeOf(node.left) + reaching(node.chunk, address);
      }
    }
    return before;
  }

  /** The first of a chunk that ends at an address or behind it; the last one does. */
  private static int reaching(FlatRange[] chunk, long address) {
    int low = 0;
    int high = chunk.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (U64.less(chunk[middle].range().last(), address)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public Iterator<FlatRange> iterator() {
    return new Ascending(root, 0);
  }

  /** Goes through the runs from the one with this index. */
  Iterator<FlatRange> iteratorAt(int index) {
    return new Ascending(root, index);
  }

  private static final class Ascending implements Iterator<FlatRange> {
    private static final Node[] NO_PATH = {};
    private static final FlatRange[] NO_CHUNK = {};

    private final Node[] path;
    private int depth;
    private FlatRange[] chunk = NO_CHUNK;
    private int next;

    Ascending(@Nullable Node root, int index) {
      // Of one chunk alone no other is left behind it.
      path = heightOf(root) < 2 ? NO_PATH : new Node[heightOf(root)];
      int skipped = index;
      Node node = root;
      while (node != null) {
        int before = sizeOf(node.left);
        if (skipped < before) {
          path[depth++] = node;
          node = node.left;
        } else if (skipped - before < node.chunk.length) {
          chunk = node.chunk;
          next = skipped - before;
          push(node.right);
          return;
        } else {
          skipped -= before + node.chunk.length;
          node = node.right;
        }
      }
    }

    private void push(@Nullable Node below) {
      for (Node node = below; node != null; node = node.left) {
        path[depth++] = node;
      }
    }

    @Override
    public boolean hasNext() {
      return next < chunk.length || depth > 0;
    }

    @Override
    public FlatRange next() {
      if (next == chunk.length) {
        if (depth == 0) {
          throw new NoSuchElementException();
        }
        Node node = path[--depth];
        chunk = node.chunk;
        next = 0;
        push(node.right);
      }
      return chunk[next++];
    }
  }

  /**
   * The list with others in place of those from one index to before another; together they are in
   * order and do not overlap. Takes the logarithm of the size, and what comes.
   */
  FlatRanges replaced(int from, int to, List<FlatRange> come) {
    if (root == null) {
      return of(come);
    }
    int firstKept = chunkBound(Math.min(from, root.size - 1), false);
    int lastKept = chunkBound(Math.max(firstKept, to - 1), true);
    if (from - firstKept + come.size() + (lastKept - to) < FEW_IN_CHUNK) {
      if (firstKept > 0) {
        firstKept = chunkBound(firstKept - 1, false);
      } else if (lastKept < root.size) {
        lastKept = chunkBound(lastKept, true);
      }
    }
    FlatRange[] middle = new FlatRange[from - firstKept + come.size() + (lastKept - to)];
    int at = copy(firstKept, from, middle, 0);
    for (FlatRange range : come) {
      middle[at++] = range;
    }
    copy(to, lastKept, middle, at);
    boolean isOneChunk = chunkBound(firstKept, true) == lastKept;
    if (isOneChunk && middle.length > 0 && middle.length <= MOST_IN_CHUNK) {
      return new FlatRanges(withChunk(root, firstKept, middle));
    }
    int chunks = (middle.length + MOST_IN_CHUNK - 1) / MOST_IN_CHUNK;
    Node replaced =
        joined(
            joined(before(root, firstKept), balanced(middle, 0, chunks, chunks)),
            behind(root, lastKept));
    return replaced == null ? NONE : new FlatRanges(replaced);
  }

  private int copy(int from, int to, FlatRange[] into, int at) {
    int next = at;
    if (from < to) {
      Iterator<FlatRange> kept = iteratorAt(from);
      for (int i = from; i < to; i++) {
        into[next++] = kept.next();
      }
    }
    return next;
  }

  /**
   * The index of the first run of the chunk that has the run with this index, or behind its last.
   */
  private int chunkBound(int index, boolean isEnd) {
    int before = 0;
    Node node = root;
    while (node != null) {
      int start = before + sizeOf(node.left);
      int end = start + node.chunk.length;
      if (index < start) {
        node = node.left;
      } else if (index < end) {
        return isEnd ? end : start;
      } else {
        before = end;
        node = node.right;
      }
    }
    throw new IndexOutOfBoundsException(index);
  }

  private static Node withChunk(@Nullable Node node, int start, FlatRange[] chunk) {
    if (node == null) {
      throw new IndexOutOfBoundsException(start);
    }
    int before = sizeOf(node.left);
    if (start < before) {
      return new Node(withChunk(node.left, start, chunk), node.chunk, node.right);
    } else if (start == before) {
      return new Node(node.left, chunk, node.right);
    }
    int behind = start - before - node.chunk.length;
    return new Node(node.left, node.chunk, withChunk(node.right, behind, chunk));
  }

  /** The chunks before an index at which one begins. */
  private static @Nullable Node before(@Nullable Node node, int index) {
    if (node == null || index == 0) {
      return null;
    }
    int before = sizeOf(node.left);
    if (index <= before) {
      return before(node.left, index);
    }
    return joined(node.left, node.chunk, before(node.right, index - before - node.chunk.length));
  }

  /** The chunks from an index at which one begins. */
  private static @Nullable Node behind(@Nullable Node node, int index) {
    if (node == null || index == 0) {
      return node;
    }
    int before = sizeOf(node.left);
    if (index > before) {
      return behind(node.right, index - before - node.chunk.length);
    }
    return joined(behind(node.left, index), node.chunk, node.right);
  }

  private static @Nullable Node joined(@Nullable Node left, @Nullable Node right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    Node first = right;
    while (first.left != null) {
      first = first.left;
    }
    return joined(left, first.chunk, behind(right, first.chunk.length));
  }

  private static Node joined(@Nullable Node left, FlatRange[] chunk, @Nullable Node right) {
    if (left != null && left.height > heightOf(right) + 2) {
      return balanced(left.left, left.chunk, joined(left.right, chunk, right));
    }
    if (right != null && right.height > heightOf(left) + 2) {
      return balanced(joined(left, chunk, right.left), right.chunk, right.right);
    }
    return new Node(left, chunk, right);
  }

  /** A node of sides of which one may be a level too high. */
  private static Node balanced(@Nullable Node left, FlatRange[] chunk, @Nullable Node right) {
    if (left != null && left.height > heightOf(right) + 2) {
      Node inner = left.right;
      if (inner == null || heightOf(left.left) >= inner.height) {
        return new Node(left.left, left.chunk, new Node(inner, chunk, right));
      }
      return new Node(
          new Node(left.left, left.chunk, inner.left),
          inner.chunk,
          new Node(inner.right, chunk, right));
    }
    if (right != null && right.height > heightOf(left) + 2) {
      Node inner = right.left;
      if (inner == null || heightOf(right.right) >= inner.height) {
        return new Node(new Node(left, chunk, inner), right.chunk, right.right);
      }
      return new Node(
          new Node(left, chunk, inner.left),
          inner.chunk,
          new Node(inner.right, right.chunk, right.right));
    }
    return new Node(left, chunk, right);
  }

  private static int sizeOf(@Nullable Node node) {
    return node == null ? 0 : node.size;
  }

  private static int heightOf(@Nullable Node node) {
    return node == null ? 0 : node.height;
  }

  /** Adds a run to others that it follows, joined with the last of them where both are one. */
  static void append(List<FlatRange> ranges, FlatRange range) {
    int newest = ranges.size() - 1;
    if (newest >= 0 && ranges.get(newest).mergesWith(range)) {
      ranges.set(newest, ranges.get(newest).upTo(range.range().last()));
    } else {
      ranges.add(range);
    }
  }
}
