package io.github.stopcopy.live;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.live.qmp.QmpAnswer;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpRecord;
import io.github.stopcopy.live.qmp.QmpSource;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Passes commands on and keeps what was answered, within bounds: whoever answers without end is no
 * QEMU.
 */
final class Recording implements QmpSource {

  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final long MOST_CHARACTERS = 64 << 20;

  private final QmpSource source;
  private final long deadline = System.nanoTime() + LONGEST.toNanos();
  private long characters;
  private final Map<QmpCommand, QmpAnswer> answers = new LinkedHashMap<>();

  Recording(QmpSource source) {
    this.source = source;
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public QmpAnswer ask(QmpCommand command) throws InputException {
    if (System.nanoTime() - deadline > 0) {
      throw wrong("the answers take more than " + LONGEST.toSeconds() + " seconds");
    }
    QmpAnswer answer = source.ask(command);
    characters += answer.value().map(value -> value.toString().length()).orElse(0);
    if (characters > MOST_CHARACTERS) {
      throw wrong("the answers have more than " + MOST_CHARACTERS + " characters");
    }
    answers.put(command, answer);
    return answer;
  }

  private InputException wrong(String problem) {
    return InputException.at(source.name(), 0, problem + ", expected those of one VM");
  }

  QmpRecord record() {
    return QmpRecord.of(source.name(), answers);
  }
}
