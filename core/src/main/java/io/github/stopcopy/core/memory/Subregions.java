package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.U64;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The direct subregions of a region, found by the addresses they take. A few are an array in order
 * of precedence; more are a balanced search tree by address, in which each node knows how far the
 * nodes below it reach. Not thread-safe.
 */
final class Subregions {

  /** The greater priority first, and of equal ones the newest (R-AS-20). */
  private static final Comparator<MemoryRegion> WINNING_FIRST =
      (one, other) ->
          one.priority() != other.priority()
              ? Integer.compare(other.priority(), one.priority())
              : Long.compare(other.age(), one.age());

  /** So many are gone through as fast as a tree would find those that are asked for. */
  private static final int FEW = 16;

  /** Of a region that never had any; nothing is put in. */
  static final Subregions NONE = new Subregions();

  private final List<MemoryRegion> few = new ArrayList<>(4);
  private @Nullable Node tree;
  private int size;
  private int enabled;

  /** A subregion in a treap: ordered by address and age, and by weight from the top down. */
  private static final class Node {
    final MemoryRegion region;
    final long first;
    final long last;
    final int weight;
    long lastBelow;
    @Nullable Node left;
    @Nullable Node right;

    Node(MemoryRegion region) {
      this.region = region;
      this.first = region.address();
      this.last = lastOf(region);
      this.lastBelow = last;
      this.weight = (int) (region.age() * 0x9e3779b97f4a7c15L >>> 32);
    }

    boolean isAfter(long address, long age) {
      int order = U64.compare(address, first);
      return order != 0 ? order < 0 : age < region.age();
    }

    void update() {
      lastBelow = last;
      if (left != null) {
        lastBelow = U64.max(lastBelow, left.lastBelow);
      }
      if (right != null) {
        lastBelow = U64.max(lastBelow, right.lastBelow);
      }
    }
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** How many are enabled. */
  int enabled() {
    return enabled;
  }

  /** Says that one of them was enabled or disabled. */
  void enabledChanged(boolean now) {
    enabled += now ? 1 : -1;
  }

  /** Puts one in, by its address, size, priority and age, which stay until it is taken out. */
  void insert(MemoryRegion region) {
    size++;
    enabled += region.isEnabled() ? 1 : 0;
    if (tree != null) {
      tree = insert(tree, new Node(region));
      return;
    }
    int at = few.size();
    while (at > 0 && WINNING_FIRST.compare(region, few.get(at - 1)) < 0) {
      at--;
    }
    few.add(at, region);
    if (few.size() > FEW) {
      for (MemoryRegion each : few) {
        tree = insert(tree, new Node(each));
      }
      few.clear();
    }
  }

  void remove(MemoryRegion region) {
    size--;
    enabled -= region.isEnabled() ? 1 : 0;
    if (tree != null) {
      tree = remove(tree, region.address(), region.age());
    } else {
      int at = 0;
      while (few.get(at) != region) {
        at++;
      }
      few.remove(at);
    }
  }

  /**
   * Adds those to a list that take an address of [first, last], the winning one first; among a few
   * there may be others.
   */
  void touching(long first, long last, List<MemoryRegion> found) {
    if (tree == null) {
      for (int i = 0; i < few.size(); i++) { // addAll would copy them once more
        found.add(few.get(i));
      }
      return;
    }
    int from = found.size();
    touching(tree, first, last, found);
    if (found.size() > from + 1) {
      found.subList(from, found.size()).sort(WINNING_FIRST);
    }
  }

  /** All of them, the winning one first. */
  List<MemoryRegion> all() {
    List<MemoryRegion> all = new ArrayList<>(size);
    touching(0, U64.MAX, all);
    return all;
  }

  /** One that is enabled, if any is. */
  @Nullable MemoryRegion anyEnabled() {
    if (enabled > 0) {
      for (MemoryRegion region : tree == null ? few : all()) {
        if (region.isEnabled()) {
          return region;
        }
      }
    }
    return null;
  }

  private static long lastOf(MemoryRegion region) {
    return region.size().isZero()
        ? region.address()
        : U64.addSaturated(region.address(), region.size().lastOffset());
  }

  private static void touching(
      @Nullable Node below, long first, long last, List<MemoryRegion> found) {
    Node node = below;
    while (node != null && U64.lessOrEqual(first, node.lastBelow)) {
      touching(node.left, first, last, found);
      if (U64.less(last, node.first)) {
        return;
      }
      if (U64.lessOrEqual(first, node.last)) {
        found.add(node.region);
      }
      node = node.right;
    }
  }

  private static Node insert(@Nullable Node tree, Node node) {
    if (tree == null) {
      return node;
    }
    if (tree.isAfter(node.first, node.region.age())) {
      Node left = insert(tree.left, node);
      tree.left = left;
      if (left.weight > tree.weight) {
        tree.left = left.right;
        left.right = tree;
        tree.update();
        left.update();
        return left;
      }
    } else {
      Node right = insert(tree.right, node);
      tree.right = right;
      if (right.weight > tree.weight) {
        tree.right = right.left;
        right.left = tree;
        tree.update();
        right.update();
        return right;
      }
    }
    tree.update();
    return tree;
  }

  private static @Nullable Node remove(@Nullable Node tree, long address, long age) {
    if (tree == null) {
      return null;
    }
    if (tree.first == address && tree.region.age() == age) {
      return join(tree.left, tree.right);
    }
    if (tree.isAfter(address, age)) {
      tree.left = remove(tree.left, address, age);
    } else {
      tree.right = remove(tree.right, address, age);
    }
    tree.update();
    return tree;
  }

  private static @Nullable Node join(@Nullable Node left, @Nullable Node right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    if (left.weight > right.weight) {
      left.right = join(left.right, right);
      left.update();
      return left;
    }
    right.left = join(left, right.left);
    right.update();
    return right;
  }
}
