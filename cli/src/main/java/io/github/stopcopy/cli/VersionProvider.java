package io.github.stopcopy.cli;

import picocli.CommandLine.IVersionProvider;

/** The version from the jar's manifest. */
final class VersionProvider implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {version()};
  }

  /** The command with its version. */
  static String version() {
    return "stopcopy " + number();
  }

  /** The version alone. */
  static String number() {
    String version = VersionProvider.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }
}
