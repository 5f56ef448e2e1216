package io.github.stopcopy.cli;

import io.github.stopcopy.cli.report.PluginReport;
import io.github.stopcopy.core.error.InputException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code stopcopy plugins}: what ServiceLoader found, and what of it is broken. */
@Command(
    mixinStandardHelpOptions = true,
    description = "List the plugins that were found, with the jar and the version of each.")
final class PluginsCommand implements Callable<Integer> {

  @Mixin private FormatOption format = new FormatOption();

  @Mixin private PluginOptions pluginOptions = new PluginOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InputException {
    boolean json = format.isJson();
    PluginOptions.Found found = pluginOptions.load();
    PluginReport report =
        PluginReport.of(ClassPathFiles.problems(), found.plugins(), found.rules());
    Problems.printPlugins(spec.commandLine().getErr(), report.problems());
    spec.commandLine().getOut().print(json ? report.json() + "\n" : report.text());
    return ExitCode.DONE;
  }
}
