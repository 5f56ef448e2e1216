package io.github.stopcopy.qemu.mtree;

import java.util.Optional;

/** The types that {@code info mtree} prints. */
public enum RowType {
  /** {@code ram}. */
  RAM("ram"),
  /** {@code rom}: reads only, whatever the region is (R-AS-102). */
  ROM("rom"),
  /** {@code romd}: a ROM device that reads like memory. */
  ROMD("romd"),
  /** {@code ramd}: memory of an assigned device. */
  RAMD("ramd"),
  /** {@code i/o}. */
  IO("i/o"),
  /** {@code container}: a hole of the I/O space, from 11.1 on (R-OBS-104). */
  CONTAINER("container");

  private final String text;

  RowType(String text) {
    this.text = text;
  }

  /** The type as it is printed. */
  public String text() {
    return text;
  }

  private static final RowType[] ALL = values();

  static Optional<RowType> find(String text) {
    for (RowType type : ALL) {
      if (type.text.equals(text)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
