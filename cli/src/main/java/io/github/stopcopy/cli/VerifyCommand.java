package io.github.stopcopy.cli;

import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.cli.input.Scenarios;
import io.github.stopcopy.cli.report.VerifyLines;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.json.VerdictJson;
import io.github.stopcopy.live.qmp.QmpValue;
import io.github.stopcopy.migration.MigrationCheck;
import io.github.stopcopy.migration.Verdict;
import io.github.stopcopy.migration.scenario.Scenario;
import io.github.stopcopy.standin.AnswerComparison;
import io.github.stopcopy.standin.QemuBinary;
import io.github.stopcopy.standin.Recording;
import io.github.stopcopy.standin.ScenarioRecorder;
import io.github.stopcopy.standin.StandardScenarios;
import io.github.stopcopy.standin.StandinLibrary;
import io.github.stopcopy.standin.StandinSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code stopcopy verify}: holds the model against what a real QEMU does. */
final class VerifyCommand implements Subcommand {

  private static final int MOST_JOBS = 64;
  private static final int USUAL_JOBS = 4;

  private final PositionalParamSpec files =
      PositionalParamSpec.builder()
          .type(List.class)
          .auxiliaryTypes(String.class)
          .arity("0..*")
          .paramLabel("SCENARIOS")
          .description("files of scenarios as for run; about 110 of its own without")
          .build();

  private final OptionSpec qemu =
      Options.value(
              "--qemu", "PATH", "a qemu-system-x86_64 from 8.1 on, or a script that starts one")
          .required(true)
          .build();

  private final OptionSpec version =
      Options.text(
          "--qemu-version",
          "PROFILE",
          "the release that is to answer; the one of the binary without");

  private final OptionSpec record =
      Options.text(
          "--record",
          "OUT",
          "write what that QEMU did, one JSON object a line, as vectors are recorded");

  private final OptionSpec vendor =
      Options.text(
          "--cpu-vendor",
          "NAME",
          "what guests' processors call themselves where a scenario does not say, such as",
          "AuthenticAMD or GenuineIntel; SeaBIOS places 64-bit BARs by it");

  private final OptionSpec jobs =
      Options.value(
              "--jobs", "N", "how many QEMUs run at once; as many as processors without, at most 4")
          .type(int.class)
          .build();

  private final PluginOptions pluginOptions = new PluginOptions();

  private final CommandSpec spec =
      Options.command(
          this,
          "Play scenarios on a real QEMU, whose VFIO kernel a stand-in is, and hold the model's",
          "answers against what it does. Needs a C compiler the first time; no root, no hardware.");

  private boolean allGood = true;

  /** A scenario to play, and where it comes from. */
  private record Wanted(String source, int line, QmpValue json, Scenario scenario) {}

  VerifyCommand() {
    spec.usageMessage().sortOptions(false);
    spec.addPositional(files);
    spec.addOption(qemu);
    spec.addOption(version);
    spec.addOption(record);
    spec.addOption(vendor);
    spec.addOption(jobs);
    pluginOptions.addTo(spec);
    Options.addStandard(spec);
  }

  @Override
  public CommandSpec spec() {
    return spec;
  }

  @Override
  public int call() throws InputException {
    if (jobs() < 1 || jobs() > MOST_JOBS) {
      throw InputException.of("--jobs is " + jobs() + ", expected 1 to " + MOST_JOBS);
    }
    String asked = Options.value(version);
    Optional<QemuProfile> release =
        asked == null ? Optional.empty() : Optional.of(QemuProfile.choose(asked).profile());
    List<Wanted> wanted = read();
    PluginOptions.Found found = pluginOptions.load();
    Problems.printPlugins(spec.commandLine().getErr(), found.plugins(), found.rules());
    Optional<PrintWriter> vectors = openRecord();
    try (PlayedSession played = PlayedSession.open()) {
      int code = play(played.session(), release, wanted, found, vectors);
      checkWritten(vectors);
      return code;
    } finally {
      vectors.ifPresent(PrintWriter::close);
    }
  }

  private int jobs() {
    return Options.value(jobs, Math.min(USUAL_JOBS, Runtime.getRuntime().availableProcessors()));
  }

  private Optional<PrintWriter> openRecord() throws InputException {
    String file = Options.value(record);
    if (file == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new PrintWriter(Files.newBufferedWriter(Path.of(file), StandardCharsets.UTF_8)));
    } catch (IOException failed) {
      throw InputException.at(file, 0, "cannot be written: " + failed.getMessage());
    }
  }

  private void checkWritten(Optional<PrintWriter> vectors) throws InputException {
    if (vectors.isPresent() && vectors.get().checkError()) {
      throw InputException.at(
          String.valueOf(Options.value(record)), 0, "cannot be written to its end");
    }
  }

  private List<Wanted> read() throws InputException {
    List<Wanted> wanted = new ArrayList<>();
    List<String> given = Options.values(files);
    if (given.isEmpty()) {
      int line = 0;
      for (String text : StandardScenarios.lines()) {
        wanted.add(parse("scenarios.jsonl", ++line, text));
      }
    }
    for (String file : given) {
      try (InputText input = InputText.open(file)) {
        input.refuseBinary();
        ScenarioTexts texts = new ScenarioTexts(input);
        for (Optional<String> text = texts.next(); text.isPresent(); text = texts.next()) {
          try {
            wanted.add(parse(input.name(), input.line(), text.get()));
          } catch (InputException wrong) {
            tell(Problems.locate(wrong, input.name(), input.line()));
          }
        }
      }
    }
    if (wanted.isEmpty() && allGood) {
      throw InputException.of("no scenario in " + String.join(", ", given));
    }
    return wanted;
  }

  private static Wanted parse(String source, int line, String text) throws InputException {
    Scenario scenario = Scenarios.read(source, line, text).scenario();
    try {
      QmpValue json = QmpValue.parse(text);
      return new Wanted(source, line, json.get("scenario").orElse(json), scenario);
    } catch (IOException malformed) {
      throw InputException.at(source, line, "is no JSON: " + malformed.getMessage());
    }
  }

  private int play(
      StandinSession session,
      Optional<QemuProfile> release,
      List<Wanted> wanted,
      PluginOptions.Found plugins,
      Optional<PrintWriter> vectors)
      throws InputException {
    QemuBinary binary = QemuBinary.probe(Options.value(qemu, ""), release, session);
    ScenarioRecorder recorder =
        new ScenarioRecorder(
            session,
            binary,
            StandinLibrary.inUserCache(),
            Optional.ofNullable(Options.value(vendor)));
    VerifyLines lines =
        new VerifyLines(
            spec.commandLine().getOut(),
            VisiblePrinter.onTerminal(spec.commandLine().getErr(), 2),
            wanted.size());
    lines.binary(binary);
    ExecutorService pool = Executors.newFixedThreadPool(jobs());
    try {
      Deque<Future<Recording>> played = new ArrayDeque<>();
      for (Wanted each : wanted) {
        played.add(pool.submit(() -> recorder.record(each.json(), each.scenario())));
      }
      for (Wanted each : wanted) {
        judge(each, take(played.remove()), recorder, plugins, lines, vectors);
      }
    } catch (Unplayed stopped) {
      throw InputException.of(String.valueOf(stopped.getMessage()));
    } finally {
      pool.shutdownNow();
    }
    boolean agreed = lines.end();
    return !allGood ? ExitCode.BAD_INPUT : agreed ? ExitCode.DONE : ExitCode.NEGATIVE;
  }

  /** Something of the machine is in the way of all of them. */
  private static final class Unplayed extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Unplayed(String message) {
      super(message);
    }
  }

  /** What was recorded; empty with the error told if the scenario cannot be played. */
  private Recorded take(Future<Recording> future) {
    try {
      return new Recorded(Optional.of(future.get()), "");
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new Unplayed("interrupted");
    } catch (ExecutionException failed) {
      Throwable cause = failed.getCause();
      if (cause instanceof InputException wrong) {
        return new Recorded(Optional.empty(), wrong.problem());
      } else if (cause instanceof IOException || cause instanceof UncheckedIOException) {
        throw new Unplayed("QEMU cannot be run: " + cause.getMessage());
      }
      throw new IllegalStateException(cause);
    }
  }

  private record Recorded(Optional<Recording> recording, String problem) {}

  private void judge(
      Wanted wanted,
      Recorded recorded,
      ScenarioRecorder recorder,
      PluginOptions.Found plugins,
      VerifyLines lines,
      Optional<PrintWriter> vectors)
      throws InputException {
    if (recorded.recording().isEmpty()) {
      lines.clear();
      tell(InputException.at(wanted.source(), wanted.line(), recorded.problem()).getMessage());
      lines.notPlayed();
      return;
    }
    Recording first = recorded.recording().get();
    Judged judged = compare(first, plugins);
    Optional<Judged> second = Optional.empty();
    if (!judged.differences().isEmpty()) {
      try {
        second = Optional.of(compare(recorder.record(wanted.json(), wanted.scenario()), plugins));
      } catch (IOException failed) {
        throw new Unplayed("QEMU cannot be run: " + failed.getMessage());
      }
    }
    Recording kept =
        second.filter(again -> again.differences().isEmpty()).orElse(judged).recording();
    vectors.ifPresent(writer -> writer.println(kept.json()));
    if (second.isPresent() && second.get().recording().isKnownCrash()) {
      lines.crashed(second.get().recording());
    } else if (second.isPresent() && second.get().differences().isEmpty()) {
      lines.timing(first, judged.differences());
    } else {
      lines.judged(first, judged.differences(), judged.verdict());
    }
  }

  private record Judged(
      Recording recording, List<AnswerComparison.Difference> differences, Verdict verdict) {}

  private static Judged compare(Recording recording, PluginOptions.Found plugins)
      throws InputException {
    Scenario scenario =
        Scenarios.read(recording.id(), 0, recording.scenario().toString()).scenario();
    Verdict verdict =
        MigrationCheck.of(scenario)
            .plugins(plugins.plugins())
            .ruleSets(plugins.rules())
            .countLaterRefusals(true)
            .remedies(false)
            .play()
            .verdict();
    try {
      QmpValue answer = QmpValue.parse(VerdictJson.answer(scenario.id(), verdict));
      return new Judged(recording, AnswerComparison.compare(recording, answer), verdict);
    } catch (IOException notItsOwn) {
      throw new IllegalStateException(notItsOwn);
    }
  }

  private void tell(String problem) {
    allGood = false;
    Problems.tell(spec.commandLine().getErr(), problem);
  }
}
