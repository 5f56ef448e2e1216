package io.github.stopcopy.core.config;

/** What kind of memory a placed region is (R-AS-1 .. R-AS-5). */
public enum RegionKind {
  /** RAM. */
  RAM,
  /** ROM. */
  ROM,
  /** Flash and the like. */
  ROM_DEVICE,
  /** Memory of an assigned device that the host maps. */
  RAM_DEVICE,
  /** I/O. */
  IO
}
