package io.github.stopcopy.qemu.mtree;

import java.util.Optional;

/**
 * An address space that a flat view belongs to.
 *
 * @param name the name, which need not be unique
 * @param root the name of the region at its top
 * @param alias the name of the region that the top is an alias of
 */
public record AddressSpaceRef(String name, String root, Optional<String> alias) {}
