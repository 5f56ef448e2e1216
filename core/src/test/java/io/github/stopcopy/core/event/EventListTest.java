package io.github.stopcopy.core.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.stopcopy.core.Seeds;
import io.github.stopcopy.core.event.MessageEvent.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Events in runs are the events that they stand for, wherever somebody looks. */
class EventListTest {

  private record Touched(long page) implements PageEvent {
    @Override
    public Touched moved(long bytes) {
      return new Touched(page + bytes);
    }

    @Override
    public String describe() {
      return "touched " + page;
    }
  }

  @Test
  void aListWithRunsIsTheListOfTheirEvents() {
    Seeds.run(
        200,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          EventList.Builder builder = new EventList.Builder();
          List<ModelEvent> expected = new ArrayList<>();
          List<ModelEvent> single = new ArrayList<>();
          EventLog one = expected::add; // takes runs event by event
          for (int i = random.nextInt(12); i > 0; i--) {
            EventRun run =
                new EventRun(
                    new Touched(random.nextInt(9)), random.nextInt(3), 1 + random.nextInt(4));
            switch (random.nextInt(3)) {
              case 0 -> {
                builder.record(run);
                one.record(run);
              }
              case 1 -> {
                ModelEvent event = new MessageEvent(Severity.ERROR, "error " + i);
                builder.record(event);
                expected.add(event);
                single.add(event);
              }
              default -> {
                EventList before = builder.build();
                builder.recordAll(before);
                expected.addAll(before);
                single.addAll(before.single());
              }
            }
          }

          EventList list = builder.build();
          builder.clear();
          builder.record(new EventRun(new Touched(-1), 1, 3));

          assertThat(list).isEqualTo(expected).hasSameHashCodeAs(expected);
          assertThat(list.single()).isEqualTo(single);
          assertThat(builder.build())
              .containsExactly(new Touched(-1), new Touched(0), new Touched(1));
        });
  }

  @Test
  void aRunIsOneValueHoweverManyEventsItHas() {
    EventList.Builder builder = new EventList.Builder();
    builder.record(new EventRun(new Touched(0), 4096, Integer.MAX_VALUE));

    assertThat(builder.build().single()).isEmpty();
    assertThat(builder.build().get(Integer.MAX_VALUE - 1))
        .isEqualTo(new Touched(4096L * (Integer.MAX_VALUE - 1)));
    assertThatThrownBy(() -> builder.record(new Touched(0)))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void whereThereIsNoEventThereIsNone() {
    EventRun run = new EventRun(new Touched(0), 1, 2);

    assertThat(EventList.of()).isEmpty();
    assertThatThrownBy(() -> EventList.of().get(0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> run.get(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> run.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new EventRun(new Touched(0), 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 events");
  }
}
