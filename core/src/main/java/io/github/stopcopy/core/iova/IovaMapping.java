package io.github.stopcopy.core.iova;

import io.github.stopcopy.core.memory.IommuAccess;

/**
 * A mapping of an {@link IovaMap}.
 *
 * @param first the first I/O virtual address
 * @param last the last one
 * @param target where the first one leads
 * @param access what is allowed
 */
public record IovaMapping(long first, long last, long target, IommuAccess access) {}
