package io.github.stopcopy.cli;

import io.github.stopcopy.cli.report.PluginReport;
import io.github.stopcopy.core.error.InputException;
import picocli.CommandLine.Model.CommandSpec;

/** {@code stopcopy plugins}: what ServiceLoader found, and what of it is broken. */
final class PluginsCommand implements Subcommand {

  private final FormatOption format = new FormatOption();

  private final PluginOptions pluginOptions = new PluginOptions();

  private final CommandSpec spec =
      Options.command(
          this, "List the plugins that were found, with the jar and the version of each.");

  PluginsCommand() {
    format.addTo(spec);
    pluginOptions.addTo(spec);
    Options.addStandard(spec);
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int call() throws InputException {
    boolean json = format.isJson();
    PluginOptions.Found found = pluginOptions.load();
    PluginReport report =
        PluginReport.of(ClassPathFiles.problems(), found.plugins(), found.rules());
    Problems.printPlugins(spec.commandLine().getErr(), report.problems());
    spec.commandLine().getOut().print(json ? report.json() + "\n" : report.text());
    return ExitCode.DONE;
  }
}
