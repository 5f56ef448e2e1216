package io.github.stopcopy.cli.report;

import io.github.stopcopy.migration.Proof;

/** What a real QEMU did with the VM beside what was predicted. */
public final class ProofLines {

  private static final int LONGEST = 2000;

  private ProofLines() {}

  /** One line if both agree, else both side by side; then what was left out or replaced. */
  public static String write(Proof proof) {
    StringBuilder text = new StringBuilder("\n");
    String qemu =
        "QEMU " + proof.qemu() + " (" + proof.profile().id() + ", " + proof.accelerator() + ")";
    String ended = proof.outcome().orElse("was not started");
    switch (proof.result()) {
      case AGREES ->
          Paragraphs.write(
              text, "", "Proven: " + qemu + " does what was predicted, it ended " + ended + ".");
      case DIFFERS ->
          Paragraphs.write(text, "", qemu + " does something else: it ended " + ended + ".");
      case NOT_PROVEN -> {
        Paragraphs.write(text, "", "Not proven on " + qemu + ":");
        proof.unproven().forEach(why -> Paragraphs.write(text, "  - ", why));
        proof
            .outcome()
            .ifPresent(outcome ->
                Paragraphs.write(
                    text,
                    "  ",
                    "It ended "
                        + outcome
                        + "; predicted for "
                        + proof.profile().id()
                        + ": "
                        + proof.predicted().word()
                        + "."));
      }
    }
    for (Proof.Difference difference : proof.differences()) {
      String step = difference.step() == 0 ? "" : ", step " + difference.step();
      text.append("  ").append(difference.aspect()).append(step).append('\n');
      Paragraphs.write(text, "    QEMU:  ", shown(difference.qemu()));
      Paragraphs.write(text, "    model: ", shown(difference.model()));
    }
    if (!proof.changes().isEmpty()) {
      text.append("  Otherwise than described:\n");
      proof.changes().forEach(change -> Paragraphs.write(text, "  - ", change));
    }
    proof.notes().forEach(note -> Paragraphs.write(text, "  Note: ", note));
    return text.toString();
  }

  private static String shown(String json) {
    if (json.isEmpty()) {
      return "nothing";
    }
    return json.length() > LONGEST ? json.substring(0, LONGEST) + " ..." : json;
  }
}
