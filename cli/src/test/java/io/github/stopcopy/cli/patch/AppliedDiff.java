package io.github.stopcopy.cli.patch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code patch} does with a unified diff, without any tolerance. */
public final class AppliedDiff {

  private static final Pattern HUNK = Pattern.compile("@@ -(\\d+),(\\d+) \\+(\\d+),(\\d+) @@");

  private AppliedDiff() {}

  private static List<String> lines(String text) {
    return new ArrayList<>(text.isEmpty() ? List.of() : List.of(text.split("(?<=\n)")));
  }

  /** The text after the diff; fails where a line of the diff is not that of the text. */
  public static String of(String before, String diff) {
    List<String> source = lines(before);
    StringBuilder after = new StringBuilder();
    int at = 0;
    int made = 0;
    List<String> all = lines(diff);
    assertThat(all.get(0)).startsWith("--- ");
    assertThat(all.get(1)).startsWith("+++ ");
    for (int i = 2; i < all.size(); ) {
      Matcher hunk = HUNK.matcher(all.get(i++).strip());
      assertThat(hunk.matches()).isTrue();
      int left = Integer.parseInt(hunk.group(2));
      int right = Integer.parseInt(hunk.group(4));
      int start = Integer.parseInt(hunk.group(1)) - (left == 0 ? 0 : 1);
      while (at < start) {
        after.append(source.get(at++));
        made++;
      }
      assertThat(made).isEqualTo(Integer.parseInt(hunk.group(3)) - (right == 0 ? 0 : 1));
      while (left > 0 || right > 0) {
        String line = all.get(i++);
        String content = line.substring(1);
        if (i < all.size() && all.get(i).startsWith("\\")) {
          content = content.substring(0, content.length() - 1);
          i++;
        }
        if (line.charAt(0) != '+') {
          assertThat(source.get(at++)).isEqualTo(content);
          left--;
        }
        if (line.charAt(0) != '-') {
          after.append(content);
          made++;
          right--;
        }
      }
    }
    while (at < source.size()) {
      after.append(source.get(at++));
    }
    return after.toString();
  }
}
