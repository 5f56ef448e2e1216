package io.github.stopcopy.benchmarks.iova;

import io.github.stopcopy.benchmarks.dirty.SplitMix;
import io.github.stopcopy.core.iova.IovaMap;
import io.github.stopcopy.core.memory.IommuAccess;
import java.util.Map;
import java.util.TreeMap;

/** A map of I/O virtual addresses as one library makes it. */
interface Maps {

  long PAGE = 4096;

  /** Maps a page to {@link #target}, unless something is there. */
  void map(long first);

  /** Where an address leads, or 0. */
  long lookup(long iova);

  /** Unmaps a page. */
  void unmap(long first);

  /** Where a page leads. */
  static long target(long first) {
    return SplitMix.mix(first) & -PAGE;
  }

  /** The map of this project. */
  final class Ours implements Maps {
    private final IovaMap map = new IovaMap();

    @Override
    public void map(long first) {
      map.map(first, first + PAGE - 1, target(first), IommuAccess.READ_WRITE);
    }

    @Override
    public long lookup(long iova) {
      return map.translate(iova, 0);
    }

    @Override
    public void unmap(long first) {
      map.unmap(first, first + PAGE - 1);
    }
  }

  /** A tree of the JDK with an object for each mapping. */
  final class Tree implements Maps {
    private final TreeMap<Long, Mapping> map = new TreeMap<>(Long::compareUnsigned);

    private record Mapping(long last, long target, IommuAccess access) {}

    @Override
    public void map(long first) {
      Map.Entry<Long, Mapping> before = map.floorEntry(first + PAGE - 1);
      if (before == null || Long.compareUnsigned(before.getValue().last(), first) < 0) {
        map.put(first, new Mapping(first + PAGE - 1, target(first), IommuAccess.READ_WRITE));
      }
    }

    @Override
    public long lookup(long iova) {
      Map.Entry<Long, Mapping> found = map.floorEntry(iova);
      return found == null || Long.compareUnsigned(found.getValue().last(), iova) < 0
          ? 0
          : found.getValue().target() + (iova - found.getKey());
    }

    @Override
    public void unmap(long first) {
      map.remove(first);
    }
  }
}
