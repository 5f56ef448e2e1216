package io.github.stopcopy.live.qmp;

import io.github.stopcopy.core.error.InputException;

/** Who answers commands that only read: a running QEMU, or a record of one. Not thread-safe. */
public interface QmpSource {

  /** A name for messages: that of the socket or the file. */
  String name();

  /**
   * Asks.
   *
   * @return QEMU's answer, which may be an error of its own
   * @throws InputException if there is no answer: the peer is gone, too slow or no QEMU, or the
   *     record has none
   * @throws IllegalArgumentException if the command does more than read
   */
  QmpAnswer ask(QmpCommand command) throws InputException;
}
