package io.github.stopcopy.json;

/**
 * A file that a verdict was decided from.
 *
 * @param option how it was asked for, e.g. {@code --host}
 * @param file its name; {@code -} for standard input
 * @param sha256 the SHA-256 of its text in UTF-8, without a byte order mark, in hexadecimal digits
 */
public record InputDigest(String option, String file, String sha256) {}
