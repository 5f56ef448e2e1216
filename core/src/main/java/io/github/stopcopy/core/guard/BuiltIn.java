package io.github.stopcopy.core.guard;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A provider of this project: what it makes is called without a guard. It counts only where it
 * comes with the core, which no name can prove: from the core's own class loader and, on the module
 * path, from a module to which the core exports this package.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface BuiltIn {}
