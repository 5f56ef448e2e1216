package io.github.stopcopy.vfiopci.environment;

/** Numbers of the properties that override a PCI id. */
public final class PciIds {

  /** The default: the id is not overridden. */
  public static final long UNSET = 0xffffffffL;

  private PciIds() {}
}
