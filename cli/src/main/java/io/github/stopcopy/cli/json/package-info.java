/** The JSON formats: scenarios and host facts in, answers out; strict about keys and types. */
@NullMarked
package io.github.stopcopy.cli.json;

import org.jspecify.annotations.NullMarked;
