/**
 * What a remedy is made of: changes as data, which a program can make and the model has made before
 * a remedy is told, and what they ask of people.
 */
@NullMarked
package io.github.stopcopy.migration.remedy;

import org.jspecify.annotations.NullMarked;
