/**
 * The JSON formats: host facts and scenarios in, verdicts out. Texts are read in one pass and
 * strictly: keys that nobody knows, keys given twice and values of another type are refused with
 * the line and the key. All classes are static and thread-safe.
 */
@NullMarked
package io.github.stopcopy.json;

import org.jspecify.annotations.NullMarked;
