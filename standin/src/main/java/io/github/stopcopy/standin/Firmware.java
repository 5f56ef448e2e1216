package io.github.stopcopy.standin;

import io.github.stopcopy.live.qmp.QmpCommand;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Waits until a guest's firmware has put everything where it stays. */
final class Firmware {

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** A firmware that is not SeaBIOS is done when nothing has moved for so long. */
  private static final Duration QUIET = Duration.ofMillis(2500);

  private static final int POLL_MILLIS = 100;
  private static final int SAME_POLLS = 3;

  /**
   * When SeaBIOS is done, what it copied below 1 MiB is RAM that cannot be written; before, the
   * firmware itself shows there.
   */
  private static final Pattern SHADOW_ROM =
      Pattern.compile("-00000000000fffff \\(prio -?[0-9]+, rom\\): (?!.*(?:bios|flash))");

  private static final List<String> OTHER_FIRMWARE = List.of("-bios", "-kernel", "-S", "-pflash");

  private Firmware() {}

  /**
   * What there is in the end.
   *
   * @param mtree {@code info mtree -f}
   * @param note what is to be known of it
   */
  record Settled(String mtree, Optional<String> note) {}

  /** Waits, with an end. */
  static Settled await(QemuRun qemu, Scene scene) throws QemuRun.Ended {
    boolean isSeaBios = scene.argv().stream().noneMatch(OTHER_FIRMWARE::contains);
    long start = System.nanoTime();
    String last = "";
    int same = 0;
    long changed = start;
    while (true) {
      String now =
          qemu.execute(QmpCommand.mtree()).value().flatMap(value -> value.text()).orElse("");
      long time = System.nanoTime();
      if (now.equals(last)) {
        same++;
      } else {
        same = 0;
        changed = time;
      }
      last = now;
      boolean isDone = isSeaBios ? isSeaBiosDone(now) : time - changed >= QUIET.toNanos();
      if (same >= SAME_POLLS && isDone) {
        return new Settled(now.replace("\r\n", "\n"), Optional.empty());
      } else if (time - start > PATIENCE.toNanos()) {
        return new Settled(
            now.replace("\r\n", "\n"), Optional.of("the firmware has not finished in time"));
      }
      QemuRun.sleep(POLL_MILLIS);
    }
  }

  /** Whether SeaBIOS has come to its end, by a dump of where everything lies. */
  static boolean isSeaBiosDone(String mtree) {
    return SHADOW_ROM.matcher(mtree).find();
  }
}
