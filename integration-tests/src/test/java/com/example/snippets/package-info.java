/**
 * What the README and the Javadoc show: programs that use the library from outside. What stands
 * between {@code @start} and {@code @end} is taken over from here, word for word.
 */
@NullMarked
package com.example.snippets;

import org.jspecify.annotations.NullMarked;
