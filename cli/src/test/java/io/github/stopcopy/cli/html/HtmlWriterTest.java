package io.github.stopcopy.cli.html;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Text is shown and never obeyed. */
class HtmlWriterTest {

  private static String page(HtmlWriter html) {
    return html.page().substring("<!DOCTYPE html>".length()).strip();
  }

  @Test
  void escapesTextAndAttributes() {
    assertThat(page(new HtmlWriter().element("b", "<i>&'\"", "title", "\"><x a='b&c'>")))
        .isEqualTo(
            "<b title=\"&quot;&gt;&lt;x a=&#39;b&amp;c&#39;&gt;\">&lt;i&gt;&amp;&#39;&quot;</b>");
  }

  @Test
  void showsWhatIsNotVisible() {
    assertThat(page(new HtmlWriter().element("b", "a\0b\nc\u001b[1m\u202ed\ud800e\uffff")))
        .isEqualTo("<b>a\\u0000b\\u000ac\\u001b[1m\\u202ed\\ud800e\\uffff</b>");
  }

  @Test
  void cutsATextWithoutEnd() {
    String page = page(new HtmlWriter().element("b", "x".repeat(3_000_000)));
    assertThat(page).hasSizeLessThan(2100).endsWith("x \u2026 (2998100 more characters)</b>");
  }

  @Test
  void endsListsOfAPageThatIsFull() {
    HtmlWriter html = new HtmlWriter();
    List<String> lines = List.of("x".repeat(2000), "y".repeat(2000));
    int left = 0;
    for (int i = 0; i < 3000; i++) {
      left += html.each(lines, 5, line -> html.element("p", line));
    }
    assertThat(left).isGreaterThan(1000);
    assertThat(html.page()).hasSizeLessThan(HtmlWriter.LONGEST_PAGE + 4000);
  }

  @Test
  void refusesWhatWouldBeNoPage() {
    HtmlWriter html = new HtmlWriter();
    html.newId("a");
    assertThatThrownBy(() -> html.newId("a")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> html.open("p").end()).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> html.style("a{}</style>"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
