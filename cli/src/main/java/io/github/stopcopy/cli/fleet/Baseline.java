package io.github.stopcopy.cli.fleet;

import io.github.stopcopy.cli.input.InputText;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.json.FleetJson;
import io.github.stopcopy.migration.VerdictKind;
import io.github.stopcopy.migration.fleet.FleetRow;
import io.github.stopcopy.migration.fleet.FleetRow.Earlier;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;

/**
 * What an earlier run said of each VM, by its id. It keeps 17 bytes of each: a digest of the id, of
 * which no two are alike, and the verdict. Where an id stands there twice the better verdict
 * counts, so that what is worse than either is told.
 */
public final class Baseline {

  private static final int FIRST_CAPACITY = 1 << 10;
  private static final int UNKNOWN = 1;
  private static final List<VerdictKind> VERDICTS = List.of(VerdictKind.values());

  /** By slot: two words of the digest, and 0 for none, 1 for unknown, 2 and more for a verdict. */
  private long[] digests = new long[2 * FIRST_CAPACITY];

  private byte[] verdicts = new byte[FIRST_CAPACITY];
  private int size;
  private final MessageDigest sha = sha();

  /**
   * Reads the answers of an earlier run.
   *
   * @throws InputException with the line, if they are none
   */
  public static Baseline read(String file) throws InputException {
    Baseline baseline = new Baseline();
    try (InputText input = InputText.open(file)) {
      input.refuseBinary();
      boolean isEmpty = true;
      Optional<String> line = input.nextLine();
      while (line.isPresent()) {
        if (!line.get().isBlank()) {
          isEmpty = false;
          Optional<FleetJson.Told> told =
              FleetJson.readTold(input.name(), input.line(), line.get());
          told.ifPresent(baseline::put);
        }
        line = input.nextLine();
      }
      if (isEmpty) {
        throw InputException.at(
            input.name(), 0, "is empty, expected what `stopcopy fleet --format json` printed");
      }
    }
    return baseline;
  }

  /** The answer, beside what was said before. */
  public FleetRow compared(FleetRow row) {
    int verdict = verdicts[slot(digest(row.id()))];
    if (verdict == 0) {
      return row.since(Earlier.ABSENT);
    }
    Optional<VerdictKind> kind =
        verdict == UNKNOWN ? Optional.empty() : Optional.of(VERDICTS.get(verdict - UNKNOWN - 1));
    return row.since(new Earlier(true, Optional.empty(), kind));
  }

  private void put(FleetJson.Told told) {
    if (2 * size >= verdicts.length) {
      grow();
    }
    ByteBuffer digest = digest(told.id());
    int slot = slot(digest);
    int verdict = told.verdict().map(kind -> VERDICTS.indexOf(kind) + UNKNOWN + 1).orElse(UNKNOWN);
    if (verdicts[slot] == 0) {
      size++;
      digests[2 * slot] = digest.getLong(0);
      digests[2 * slot + 1] = digest.getLong(Long.BYTES);
      verdicts[slot] = (byte) verdict;
    } else if (verdicts[slot] == UNKNOWN || verdict != UNKNOWN && verdict < verdicts[slot]) {
      verdicts[slot] = (byte) verdict; // verdicts are declared from the best on
    }
  }

  private void grow() {
    long[] oldDigests = digests;
    byte[] oldVerdicts = verdicts;
    digests = new long[2 * oldDigests.length];
    verdicts = new byte[2 * oldVerdicts.length];
    for (int i = 0; i < oldVerdicts.length; i++) {
      if (oldVerdicts[i] != 0) {
        int slot = slot(oldDigests[2 * i], oldDigests[2 * i + 1]);
        digests[2 * slot] = oldDigests[2 * i];
        digests[2 * slot + 1] = oldDigests[2 * i + 1];
        verdicts[slot] = oldVerdicts[i];
      }
    }
  }

  private int slot(ByteBuffer digest) {
    return slot(digest.getLong(0), digest.getLong(Long.BYTES));
  }

  /** Where a digest is, or would be. */
  private int slot(long first, long second) {
    int slot = (int) first & verdicts.length - 1;
    while (verdicts[slot] != 0 && (digests[2 * slot] != first || digests[2 * slot + 1] != second)) {
      slot = slot + 1 & verdicts.length - 1;
    }
    return slot;
  }

  private ByteBuffer digest(String id) {
    return ByteBuffer.wrap(sha.digest(id.getBytes(StandardCharsets.UTF_8)));
  }

  private static MessageDigest sha() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }
}
