package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.address.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A random region tree and, beside it, a description of the same tree that knows nothing of the
 * code under test. Addresses and sizes are counted in cells; a cell is so many bytes that the cells
 * make up the whole 64-bit space, or a small part of it.
 */
final class RandomTree {

  /** A region as the painter sees it. */
  static final class Node {
    final int index;
    final MemoryRegion region;
    final Node target;
    final List<Node> children = new ArrayList<>();
    Node parent;
    int address;
    int size;
    int priority;
    int age;
    int targetOffset;
    boolean enabled = true;
    boolean readonly;
    boolean nonvolatile;
    boolean unmergeable;
    boolean romd = true;

    Node(int index, MemoryRegion region, Node target, int size, int targetOffset) {
      this.index = index;
      this.region = region;
      this.target = target;
      this.size = size;
      this.targetOffset = targetOffset;
      this.readonly = region instanceof MemoryRegion.Rom;
    }

    boolean terminates() {
      return target == null && !(region instanceof MemoryRegion.Container);
    }
  }

  final SplittableRandom random;
  final int cells;
  final int cellBits;
  final boolean keepsUnmergeable;
  final GuestMemory memory;
  final List<Node> nodes = new ArrayList<>();
  private final int times;
  private int clock;

  RandomTree(long seed) {
    this(seed, 1);
  }

  /**
   * A tree of up to 28 regions, or a power of two of times as many in so many times as many cells,
   * of which more are small.
   */
  RandomTree(long seed, int times) {
    random = new SplittableRandom(seed);
    this.times = times;
    cells = times * (1 << (6 + random.nextInt(3)));
    boolean whole = random.nextInt(3) == 0;
    cellBits = whole ? 64 - Integer.numberOfTrailingZeros(cells) : random.nextInt(2) * 12;
    boolean translatesCode = random.nextInt(4) == 0;
    keepsUnmergeable = random.nextBoolean();
    memory = new GuestMemory(translatesCode, keepsUnmergeable);
    int count = times * (4 + random.nextInt(24));
    for (int i = 0; i < count; i++) {
      make(i, i == count - 1 && random.nextInt(6) != 0);
    }
    for (Node node : List.copyOf(nodes)) {
      if (node != root() && random.nextInt(10) != 0) {
        attach(node);
      }
    }
  }

  /** The newest node; it is never inside another. */
  Node root() {
    return nodes.get(nodes.size() - 1);
  }

  ByteSize bytes(int size) {
    return size != 0 && cellBits + Integer.numberOfTrailingZeros(size) >= 64
        ? ByteSize.WHOLE_SPACE
        : ByteSize.of((long) size << cellBits);
  }

  long address(int cell) {
    return (long) cell << cellBits;
  }

  private int size() {
    return switch (random.nextInt(8 * times)) {
      case 0 -> cells;
      case 1 -> random.nextInt(3);
      case 2, 3, 4 -> 1 + random.nextInt(cells);
      default -> 1 + random.nextInt(cells / (8 * times));
    };
  }

  private void make(int index, boolean plainRoot) {
    int size = plainRoot ? cells : size();
    ByteSize bytes = bytes(size);
    String name = "r" + index;
    boolean alias = !plainRoot && index > 0 && random.nextInt(4 * times) == 0;
    Node target = alias ? nodes.get(random.nextInt(index)) : null;
    int offset = target == null || random.nextBoolean() ? 0 : random.nextInt(cells);
    MemoryRegion region =
        target != null
            ? memory.alias(name, target.region, address(offset), bytes)
            : switch (plainRoot ? 9 - random.nextInt(6) : random.nextInt(9)) {
              case 0, 1 -> memory.ram(name, bytes);
              case 2 -> memory.rom(name, bytes);
              case 3 -> memory.romDevice(name, bytes);
              case 4 -> memory.io(name, bytes);
              case 5 -> memory.iommu(name, bytes, new NoTranslations());
              default -> memory.container(name, bytes);
            };
    Node node = new Node(index, region, target, size, offset);
    nodes.add(node);
    for (int i = 0; i < 4; i++) {
      if (!plainRoot && random.nextInt(12) == 0) {
        flip(node, i);
      }
    }
  }

  private void flip(Node node, int what) {
    switch (what) {
      case 0 -> node.region.setEnabled(node.enabled = !node.enabled);
      case 1 -> node.region.setReadonly(node.readonly = !node.readonly);
      case 2 -> node.region.setNonvolatile(node.nonvolatile = !node.nonvolatile);
      default -> node.region.setUnmergeable(node.unmergeable = !node.unmergeable);
    }
  }

  private void attach(Node node) {
    boolean atRoot = random.nextInt(3) == 0 || times > 1 && random.nextInt(3) > 0;
    int above = nodes.size() - node.index - 1;
    Node parent = atRoot ? root() : nodes.get(node.index + 1 + random.nextInt(above));
    node.parent = parent;
    int within = times == 1 ? cells : Math.max(1, parent.size);
    node.address = random.nextInt(4 * times) == 0 ? 0 : random.nextInt(within);
    node.priority = random.nextInt(4) == 0 ? random.nextInt(-2, 3) : 0;
    node.age = clock++;
    parent.children.add(node);
    parent.region.add(address(node.address), node.region, node.priority);
  }

  /** Changes something, in the region and in the description. */
  void mutate() {
    Node node = nodes.get(random.nextInt(nodes.size() - random.nextInt(2)));
    switch (random.nextInt(9)) {
      case 0 -> flip(node, 0);
      case 1, 2, 3 -> flip(node, 1 + random.nextInt(3));
      case 4 -> {
        node.size = size();
        node.region.setSize(bytes(node.size));
      }
      case 5 -> {
        if (node.region instanceof MemoryRegion.Alias alias) {
          node.targetOffset = random.nextInt(cells);
          alias.setTargetOffset(address(node.targetOffset));
        } else if (node.region instanceof MemoryRegion.RomDevice rom) {
          rom.setRomdMode(node.romd = !node.romd);
        }
      }
      case 6 -> {
        int to = random.nextInt(cells);
        if (node.parent != null && to != node.address) {
          node.age = clock++;
          node.address = to;
          node.region.setAddress(address(to));
        }
      }
      default -> {
        if (node.parent != null) {
          node.parent.children.remove(node);
          node.parent.region.remove(node.region);
          node.parent = null;
        } else if (node != root()) {
          attach(node);
        }
      }
    }
  }
}
