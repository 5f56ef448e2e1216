package io.github.stopcopy.core.property;

/** A switch that may leave the decision to QEMU (R-PROP-3). */
public enum OnOffAuto {
  /** QEMU decides. */
  AUTO,
  /** On. */
  ON,
  /** Off. */
  OFF
}
