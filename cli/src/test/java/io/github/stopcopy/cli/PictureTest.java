package io.github.stopcopy.cli;

import static io.github.stopcopy.cli.CommandLineRun.example;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code check --picture}: what devices see, in text. */
class PictureTest {

  private static CommandLineRun check(String example, String... more) {
    String[] words = new String[more.length + 7];
    words[0] = "check";
    words[1] = "--qemu-args";
    words[2] = example(example, "qemu.args");
    words[3] = "--host";
    words[4] = example(example, "host.json");
    words[5] = "--mtree";
    words[6] = example(example, "mtree.txt");
    System.arraycopy(more, 0, words, 7, more.length);
    return CommandLineRun.of(words);
  }

  private static String picture(CommandLineRun run) {
    return run.out().substring(run.out().indexOf("\nWhat devices see"));
  }

  @Test
  void drawsEachAddressSpaceIn80Columns() {
    String picture = picture(check("plain-one-vf", "--picture"));
    assertThat(picture)
        .isEqualTo(
            """

            What devices see (bars by the logarithm of the size)
              device 0000:01:00.0 (gpu0)
                0x0000000000000000  RAM        780 KiB  ###            tracked
                0x00000000000c3000  ROM        148 KiB  ##             tracked for nothing
                0x00000000000e8000  RAM         32 KiB  ##             tracked
                0x00000000000f0000  ROM         64 KiB  ##             tracked for nothing
                0x0000000000100000  RAM          2 GiB  #######        tracked
                0x0000000080000000  nothing      2 GiB  .......        not tracked
                0x00000000fffc0000  ROM        256 KiB  ###            not tracked
                0x0000000100000000  RAM          4 GiB  #######        tracked
                0x0000000200000000  BAR          8 GiB  ########       tracked for nothing
            """);
    assertThat(picture.lines()).allMatch(line -> line.length() <= 80);
  }

  /** Devices that see the same share a picture, also where nothing is tracked. */
  @Test
  void isThereForABlockedVmToo() {
    CommandLineRun run = check("big-q35-intel-viommu", "--picture");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(picture(run))
        .containsOnlyOnce("  device ")
        .contains("  device 0000:3b:00.2 (vf0), 0000:3b:00.3 (vf1)\n")
        .contains("0x0000000080000000  nothing   1.96 GiB  -------        tracked for nothing\n")
        .endsWith(
            "    The vIOMMU could translate 48 bits, up to 0xffffffffffff\n"
                + "    No tracking was started; shown is what the boot layout would track\n");
  }

  @Test
  void appearsOnRequestOnly() {
    assertThat(check("plain-one-vf").out()).doesNotContain("What devices see");
    assertThat(check("plain-one-vf", "--picture", "--format", "json").err())
        .contains("--picture is given with --format json, expected one of them");
  }
}
