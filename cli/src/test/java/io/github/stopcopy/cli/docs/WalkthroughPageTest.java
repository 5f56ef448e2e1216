package io.github.stopcopy.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.stopcopy.cli.TestCommand;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * docs/walkthrough.md: a VM that does not migrate, from the log to the change, as it is printed.
 */
class WalkthroughPageTest {

  private static final String BEGINNING =
      """
      # A VM does not migrate

      A VM of 300 vCPUs with a virtual function ran for months, and since an upgrade it cannot be moved. `virsh migrate`
      fails, and there is a log and a line in it. What follows is what the command prints for the files in
      [examples/walkthrough](../examples/walkthrough); a test holds this page to it.

      ## What does the line mean?

      """;

  private static final String CHECK =
      """

      ## What can be changed?

      The log also has the command line that the VM was started with, so it is the input of `check` as it is. `host.json` says
      what the device and its kernel driver can do, which no command line tells; without it the answer says what it assumes.

      """;

  private static final String END =
      """

      The first line answers, and each change behind "What helps" was tried on the model before it was told. One keeps the
      vIOMMU, which a guest of more than 255 vCPUs needs for its interrupts, and needs a newer QEMU; to unplug the device for
      the migration needs nothing but a guest that can do without it meanwhile. With `--checks` there is a line for each
      question that was asked on the way.
      """;

  private static final String FOLDER = "../examples/walkthrough/";

  private static String console(String shown, int exitCode, String... words) {
    TestCommand.Answer answer = TestCommand.run(words);
    assertThat(answer.err()).isEmpty();
    assertThat(answer.exitCode()).isEqualTo(exitCode);
    return "```console\n$ " + shown + "\n" + answer.out().stripTrailing() + "\n```\n";
  }

  @Test
  void walkthroughIsWhatTheCommandPrints() throws IOException {
    String page =
        BEGINNING
            + console("stopcopy explain --log vm1.log", 0, "explain", "--log", FOLDER + "vm1.log")
            + CHECK
            + console(
                "stopcopy check --qemu-args vm1.log --host host.json",
                1,
                "check",
                "--qemu-args",
                FOLDER + "vm1.log",
                "--host",
                FOLDER + "host.json")
            + END;

    assertThat(page).contains("VIOMMU_PRESENT, device 0000:21:00.2", "blocked: ", "(QEMU 10.0)");
    GeneratedPage.check("walkthrough.md", page);
  }
}
