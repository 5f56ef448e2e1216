/**
 * The door by which plugins come in. What somebody else wrote is wrapped here once: {@link
 * io.github.stopcopy.core.guard.PluginGuard} names it when it throws or answers what no plugin may,
 * and tells who watches when it is asked. What this project wrote is {@link
 * io.github.stopcopy.core.guard.BuiltIn} and stays as it is. Texts that are not ours are printed as
 * {@link io.github.stopcopy.core.guard.VisibleText} shows them. Seen by this project's modules
 * only.
 */
@NullMarked
package io.github.stopcopy.core.guard;

import org.jspecify.annotations.NullMarked;
