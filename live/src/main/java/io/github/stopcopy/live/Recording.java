package io.github.stopcopy.live;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.live.qmp.QmpAnswer;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpRecord;
import io.github.stopcopy.live.qmp.QmpSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** Passes commands on and keeps what was answered. */
final class Recording implements QmpSource {

  private final QmpSource source;
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
    QmpAnswer answer = source.ask(command);
    answers.put(command, answer);
    return answer;
  }

  QmpRecord record() {
    return QmpRecord.of(source.name(), answers);
  }
}
