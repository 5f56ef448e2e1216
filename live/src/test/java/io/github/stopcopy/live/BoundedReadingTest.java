package io.github.stopcopy.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.live.qmp.QmpAnswer;
import io.github.stopcopy.live.qmp.QmpCommand;
import io.github.stopcopy.live.qmp.QmpSource;
import io.github.stopcopy.live.qmp.QmpValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Peers that keep to the protocol and answer without end. */
class BoundedReadingTest {

  private interface Answers {
    QmpValue to(QmpCommand command);
  }

  private static QmpSource source(Answers answers) {
    return new QmpSource() {
      @Override
      public String name() {
        return "peer";
      }

      @Override
      public QmpAnswer ask(QmpCommand command) {
        return new QmpAnswer(Optional.of(answers.to(command)), Optional.empty());
      }
    };
  }

  private static QmpValue members(int count, String type) {
    List<QmpValue> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      members.add(QmpValue.of(Map.of("name", QmpValue.of("n" + i), "type", QmpValue.of(type))));
    }
    return QmpValue.of(members);
  }

  @Test
  void tooManyChildrenAreAnError() {
    QomReader qom = new QomReader(source(command -> members(5000, "child<vfio-pci>")));
    assertThatThrownBy(() -> qom.children("/machine/peripheral"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("peer: /machine/peripheral has more than 4096 children");
  }

  @Test
  void tooManyAnswersAreAnErrorBeforeMemoryEnds() throws Exception {
    QmpValue large = QmpValue.of("x".repeat(1 << 20));
    Recording recording = new Recording(source(command -> large));
    for (int i = 0; i < 63; i++) {
      recording.ask(QmpCommand.of("query-" + i));
    }
    assertThatThrownBy(() -> recording.ask(QmpCommand.of("query-64")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("more than 67108864 characters");
  }

  @Test
  void propertiesAreReadAtOnceOrOneByOne() throws Exception {
    QmpValue both =
        QmpValue.of(
            List.of(
                QmpValue.of(
                    Map.of(
                        "properties",
                        QmpValue.of(
                            List.of(
                                property("a", "str", "1"),
                                property("b", "child<memory-region>", "2")))))));
    QomReader atOnce = new QomReader(source(command -> both));
    assertThat(atOnce.properties("/d")).containsExactly(Map.entry("a", QmpValue.of("1")));

    QomReader oneByOne =
        new QomReader(
            new QmpSource() {
              @Override
              public String name() {
                return "peer";
              }

              @Override
              public QmpAnswer ask(QmpCommand command) {
                return switch (command.name()) {
                  case "qom-list" -> value(members(2, "str"));
                  case "qom-get" -> value(QmpValue.of(command.arguments().toString()));
                  default -> new QmpAnswer(Optional.empty(), Optional.of("not found"));
                };
              }
            });
    assertThat(oneByOne.properties("/d").keySet()).containsExactly("n0", "n1");
  }

  private static QmpAnswer value(QmpValue value) {
    return new QmpAnswer(Optional.of(value), Optional.empty());
  }

  private static QmpValue property(String name, String type, String value) {
    return QmpValue.of(
        Map.of("name", QmpValue.of(name), "type", QmpValue.of(type), "value", QmpValue.of(value)));
  }
}
