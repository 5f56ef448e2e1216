package io.github.stopcopy.migration.cost;

/** Of what a device could be asked to track. */
public enum TrackedLayout {
  /** The RAM that the device can write, and nothing else: what there is to gain at most. */
  EXACT("exact", "RAM and nothing else"),
  /** What QEMU asks for while the vIOMMU lets the device pass, as the RFC has it (R-DT-10). */
  BOOT("boot", "boot layout (the RFC)"),
  /** All that a vIOMMU of 39 bits could translate (R-VIO-62). */
  VIOMMU_39("viommu-39", "vIOMMU, 39 bits"),
  /** All that a vIOMMU of 48 bits could translate (R-VIO-62). */
  VIOMMU_48("viommu-48", "vIOMMU, 48 bits");

  private final String id;
  private final String text;

  TrackedLayout(String id, String text) {
    this.id = id;
    this.text = text;
  }

  /** The name for programs. */
  public String id() {
    return id;
  }

  /** The name for people. */
  @Override
  public String toString() {
    return text;
  }
}
