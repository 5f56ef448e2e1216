package io.github.stopcopy.cli;

import static io.github.stopcopy.cli.CommandLineRun.example;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.chromium.ChromiumDriverCommandExecutor;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.remote.CommandInfo;
import org.openqa.selenium.remote.RemoteWebDriver;
import org.openqa.selenium.remote.http.ClientConfig;
import org.openqa.selenium.remote.http.HttpMethod;

/**
 * The pages of {@code --report} in the browser of this machine, where there is one with its driver.
 * With {@code -Dstopcopy.screenshot=true} the picture in the README is made here.
 */
@Timeout(120) // a hang is a failure
class ReportBrowserTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final List<Integer> WIDTHS = List.of(1280, 360);
  private static final List<String> THEMES = List.of("light", "dark");

  /** What stands beyond the right edge, except in a box that scrolls. */
  private static final String OVERFLOWING =
      """
      const wide = document.documentElement.clientWidth;
      const beyond = [];
      if (document.documentElement.scrollWidth > wide) beyond.push('the page');
      for (const each of document.body.querySelectorAll('*')) {
        if (each.closest('.scroll, .chart') && !each.matches('.scroll, .chart')) continue;
        if (each.closest('.skip') || each.closest('defs')) continue;
        const box = each.getBoundingClientRect();
        if (box.width > 0 && box.right > wide + 1)
          beyond.push(each.tagName + ' ' + each.textContent.slice(0, 40));
      }
      for (const svg of document.querySelectorAll('svg')) {
        const edge = svg.viewBox.baseVal.width;
        for (const text of svg.querySelectorAll('text')) {
          const box = text.getBBox();
          if (box.x < 0 || box.x + box.width > edge)
            beyond.push('drawn: ' + text.textContent);
        }
      }
      return beyond;
      """;

  /** Texts of less than 4.5 to 1 on what is behind them. */
  private static final String PALE =
      """
      const parse = (color) => color.match(/[0-9.]+/g).map(Number);
      const light = ([r, g, b]) => {
        const part = [r, g, b].map((v) => v / 255)
            .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
      };
      const behind = (each) => {
        for (let at = each; at; at = at.parentElement) {
          const color = parse(getComputedStyle(at).backgroundColor);
          if (color.length < 4 || color[3] > 0) return color;
        }
        return parse('rgb(255,255,255)');
      };
      const pale = [];
      for (const each of document.body.querySelectorAll('*')) {
        const hasText = [...each.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
        if (!hasText || each.closest('title, desc, style')) continue;
        const style = getComputedStyle(each);
        const ink = each instanceof SVGElement ? style.fill : style.color;
        const [a, b] = [light(parse(ink)), light(behind(each))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5) pale.push(contrast.toFixed(2) + ' ' + each.textContent.slice(0, 40));
      }
      return pale;
      """;

  /** Selenium's own driver of Chrome looks for programs in the network. */
  private static final class Browser extends RemoteWebDriver {

    private static final String DEV_TOOLS = "devTools";

    /** Starts both programs. */
    Browser(ChromeDriverService service, ChromeOptions options) {
      super(
          new ChromiumDriverCommandExecutor(
              service,
              Map.of(
                  DEV_TOOLS,
                  new CommandInfo("/session/:sessionId/goog/cdp/execute", HttpMethod.POST)),
              ClientConfig.defaultConfig()),
          options);
    }

    @SuppressWarnings("unchecked") // as its protocol says
    Map<String, Object> devTools(String command, Map<String, ?> parameters) {
      return (Map<String, Object>)
          execute(DEV_TOOLS, Map.of("cmd", command, "params", parameters)).getValue();
    }
  }

  private static Optional<Browser> started = Optional.empty();

  @TempDir private static Path folder;

  private static Optional<File> program(String... names) {
    return Stream.of(names)
        .flatMap(name ->
            Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(place -> Path.of(place, name)))
        .filter(Files::isExecutable)
        .map(Path::toFile)
        .findFirst();
  }

  @BeforeAll
  static void start() {
    Optional<File> browser = program("chromium", "chromium-browser", "google-chrome");
    Optional<File> service = program("chromedriver");
    if (browser.isEmpty() || service.isEmpty()) {
      return;
    }
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(browser.get());
    options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars");
    options.setCapability("goog:loggingPrefs", logs);
    started =
        Optional.of(
            new Browser(
                new ChromeDriverService.Builder().usingDriverExecutable(service.get()).build(),
                options));
  }

  @AfterAll
  static void stop() {
    started.ifPresent(Browser::quit);
  }

  private static Browser browser() {
    if (started.isEmpty()) {
      System.out.println("skipped: no Chromium with its chromedriver here");
    }
    assumeTrue(started.isPresent(), "skipped: no Chromium with its chromedriver here");
    return started.get();
  }

  private static void show(Browser browser, Path page, int width, int height, String theme) {
    browser.devTools(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    browser.devTools(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", theme))));
    browser.get(page.toUri().toString());
  }

  private static Path check(String name) {
    return check(name, example(name, "qemu.args"));
  }

  private static Path check(String name, String args) {
    Path page = folder.resolve(name + ".html");
    CommandLineRun run =
        CommandLineRun.command(
            "check",
            "--qemu-args",
            args,
            "--host",
            example("big-q35-intel-viommu", "host.json"),
            "--mtree",
            example("big-q35-intel-viommu", "mtree.txt"),
            "--report",
            page.toString());
    assertThat(run.err()).isEmpty();
    return page;
  }

  private static Path run(String name, String... ids) throws Exception {
    ObjectNode scenario =
        (ObjectNode)
            MAPPER.readTree(Path.of(example("kexec-mid-migration", "scenario.jsonl")).toFile());
    List<String> lines = new ArrayList<>();
    for (String id : ids) {
      lines.add(scenario.put("id", id).toString());
    }
    Path file = Files.write(folder.resolve(name + ".jsonl"), lines);
    Path page = folder.resolve(name + ".html");
    CommandLineRun.command("run", file.toString(), "--report", page.toString());
    return page;
  }

  /** Many VMs, some with names without end, and some that cannot be read. */
  private static Path fleet() throws Exception {
    List<String> lines = new ArrayList<>();
    for (String id : List.of("web", "x".repeat(300), "<b>bold</b>")) {
      ObjectNode vm = MAPPER.createObjectNode().put("id", id).put("node", "node-" + id);
      vm.put("args", Files.readString(Path.of(example("big-q35-intel-viommu", "qemu.args"))));
      lines.add(vm.toString());
      lines.add(vm.put("args", "not a VM").toString());
    }
    Path page = folder.resolve("fleet.html");
    Path file = Files.write(folder.resolve("fleet.jsonl"), lines);
    CommandLineRun run =
        CommandLineRun.command("fleet", file.toString(), "--report", page.toString());
    assertThat(run.err()).isEmpty();
    return page;
  }

  /** Widths of a desk and of a phone, both themes; a very long name breaks no line's end. */
  @Test
  void nothingOverflowsIsPaleComplainsOrIsLoaded() throws Exception {
    Browser browser = browser();
    List<Path> pages =
        List.of(
            check("big-q35-intel-viommu"),
            run("story", "<script>alert(1)</script>" + "verylong".repeat(40)),
            run("stories", "one", "two", "x".repeat(300)),
            fleet());
    for (Path page : pages) {
      for (int width : WIDTHS) {
        for (String theme : THEMES) {
          show(browser, page, width, 900, theme);
          String where = page.getFileName() + ", " + width + ", " + theme;
          assertThat((List<?>) browser.executeScript(OVERFLOWING)).as(where).isEmpty();
          assertThat((List<?>) browser.executeScript(PALE)).as(where).isEmpty();
        }
      }
    }
    assertThat(browser.manage().logs().get(LogType.BROWSER).getAll())
        .extracting(LogEntry::getMessage)
        .isEmpty();
    List<String> asked = new ArrayList<>();
    for (LogEntry entry : browser.manage().logs().get(LogType.PERFORMANCE)) {
      JsonNode message = MAPPER.readTree(entry.getMessage()).get("message");
      if (message.get("method").asText().equals("Network.requestWillBeSent")) {
        asked.add(message.at("/params/request/url").asText());
      }
    }
    assertThat(asked)
        .isNotEmpty()
        .allMatch(url -> pages.stream().anyMatch(page -> url.equals(page.toUri().toString())));
  }

  /** The styles are let through by the line that lets nothing else through. */
  @Test
  void themesDifferAndStylesApply() {
    Browser browser = browser();
    Path page = check("big-q35-intel-viommu");
    String ground = "return getComputedStyle(document.body).backgroundColor";
    show(browser, page, 1280, 900, "light");
    assertThat(browser.executeScript(ground)).isEqualTo("rgb(255, 255, 255)");
    show(browser, page, 1280, 900, "dark");
    assertThat(browser.executeScript(ground)).isEqualTo("rgb(16, 20, 26)");
  }

  @Test
  void keysReachTheAnswerAndEveryBoxThatScrolls() {
    Browser browser = browser();
    show(browser, check("big-q35-intel-viommu"), 360, 900, "light");
    browser.switchTo().activeElement().sendKeys(Keys.TAB);
    assertThat(browser.switchTo().activeElement().getText()).isEqualTo("Skip to the answer");
    Object left =
        browser.executeScript("return document.activeElement.getBoundingClientRect().left");
    assertThat(((Number) left).doubleValue()).isBetween(0.0, 360.0);
    assertThat(
            browser.executeScript(
                "return [...document.querySelectorAll('*')].filter(e => e.scrollWidth >"
                    + " e.clientWidth + 1 && getComputedStyle(e).overflowX === 'auto' &&"
                    + " e.tabIndex < 0).length"))
        .isEqualTo(0L);
  }

  /** What a printer gets is light and as wide as paper, with the folded parts. */
  @Test
  void printsOnPaper() {
    Browser browser = browser();
    show(browser, check("big-q35-intel-viommu"), 1280, 900, "dark");
    browser.devTools("Emulation.setEmulatedMedia", Map.of("media", "print"));
    assertThat(browser.executeScript("return getComputedStyle(document.body).backgroundColor"))
        .isEqualTo("rgb(255, 255, 255)");
    assertThat(browser.executeScript("return document.querySelector('nav').offsetHeight"))
        .isEqualTo(0L);
    assertThat((List<?>) browser.executeScript(PALE)).isEmpty();
    Map<String, Object> pdf =
        browser.devTools("Page.printToPDF", Map.of("preferCSSPageSize", true));
    byte[] bytes = Base64.getDecoder().decode(String.valueOf(pdf.get("data")));
    assertThat(new String(bytes, 0, 5, StandardCharsets.US_ASCII)).isEqualTo("%PDF-");
  }

  /** The README shows the page as it is; it is made again on request only, as fonts differ. */
  @Test
  void theReadmeHasAPicture() throws Exception {
    Path picture = Path.of("..", "docs", "report.png");
    if (Boolean.getBoolean("stopcopy.screenshot")) {
      Browser browser = browser();
      show(browser, check("big-q35-intel-viommu"), 1000, 730, "light");
      browser.executeScript("document.querySelector('#memory').scrollIntoView()");
      Map<String, Object> shot =
          browser.devTools("Page.captureScreenshot", Map.of("format", "png"));
      Files.write(picture, Base64.getDecoder().decode(String.valueOf(shot.get("data"))));
    }
    assertThat(picture).exists();
    assertThat(Files.size(picture)).isBetween(10_000L, 150_000L);
  }
}
