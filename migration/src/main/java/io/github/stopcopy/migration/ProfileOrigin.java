package io.github.stopcopy.migration;

/** Why a verdict is about this release of QEMU. */
public enum ProfileOrigin {
  /** The caller said so. */
  GIVEN("given"),
  /** The description of the VM names it. */
  INPUT("input"),
  /** Nobody said which. */
  ASSUMED("assumed");

  private final String word;

  ProfileOrigin(String word) {
    this.word = word;
  }

  /** The stable word in JSON. */
  public String word() {
    return word;
  }
}
