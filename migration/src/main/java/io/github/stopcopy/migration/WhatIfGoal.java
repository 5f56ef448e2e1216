package io.github.stopcopy.migration;

import java.util.Optional;

/** What changes are looked for. */
public enum WhatIfGoal {
  /** The VM is migratable, and nothing is left that QEMU cannot see to. */
  MIGRATABLE("migratable"),
  /** QEMU migrates the VM, perhaps under conditions. */
  CONDITIONAL("conditional"),
  /** QEMU migrates the VM, and devices are asked to track fewer bytes of address space. */
  FEWER_BYTES("fewer-bytes");

  private final String word;

  WhatIfGoal(String word) {
    this.word = word;
  }

  /** The stable word in options and JSON. */
  public String word() {
    return word;
  }

  /** The goal with this word; empty if there is none. */
  public static Optional<WhatIfGoal> named(String word) {
    for (WhatIfGoal goal : values()) {
      if (goal.word.equals(word)) {
        return Optional.of(goal);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return word;
  }
}
