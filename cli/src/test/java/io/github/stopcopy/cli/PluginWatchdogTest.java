package io.github.stopcopy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PluginWatchdogTest {

  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final PluginWatchdog watchdog = new PluginWatchdog(told::add);

  @Test
  void aPluginThatDoesNotAnswerIsToldOnceByTheCallThatIsTooOld() throws Exception {
    watchdog.allow(1);
    watchdog.asked("slow", "open");
    watchdog.asked("slow", "report");
    watchdog.answered();

    assertThat(told.poll(60, TimeUnit.SECONDS))
        .startsWith("slow did not answer within 1 second (it was asked for open)");
    assertThat(told.poll(1500, TimeUnit.MILLISECONDS)).isNull();
  }

  @Test
  void aLimitThatIsSetWhileAPluginIsAskedCounts() throws Exception {
    watchdog.asked("slow", "open");
    watchdog.allow(1);

    assertThat(told.poll(30, TimeUnit.SECONDS)).contains("within 1 second");
  }

  @Test
  void noThreadStaysWhenNobodyIsAsked() throws Exception {
    watchdog.asked("quick", "open");
    Thread looking = looking().orElseThrow();
    watchdog.answered();

    looking.join(TimeUnit.SECONDS.toMillis(60));

    assertThat(looking.isAlive()).isFalse();
    assertThat(told).isEmpty();
  }

  @Test
  void whoIsAskedLaterIsWatchedToo() throws Exception {
    noThreadStaysWhenNobodyIsAsked();
    watchdog.allow(1);

    watchdog.asked("slow", "stop");

    assertThat(told.poll(60, TimeUnit.SECONDS)).contains("slow", "asked for stop");
  }

  /** The thread of the last watchdog that started one. */
  private static Optional<Thread> looking() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("plugin watchdog"))
        .max((one, other) -> Long.compare(one.getId(), other.getId()));
  }
}
