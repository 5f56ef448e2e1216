package io.github.stopcopy.qemu.mtree;

import io.github.stopcopy.core.address.U64;
import io.github.stopcopy.core.config.PlacedRegion;
import io.github.stopcopy.core.config.VmConfig;
import io.github.stopcopy.core.error.InputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads the output of {@code info mtree -f}, with or without {@code -o} (R-AS-100 .. R-AS-108). The
 * text may be pasted: indented, quoted as in mail, with prompts, text around the views and empty
 * lines between its lines, or inside an answer of QMP. Static, thread-safe.
 */
public final class MtreeReader {

  /** How many characters the text may have. */
  private static final int LONGEST = 64 << 20;

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  static final String VIEW = "FlatView #";
  private static final String SPACE = " AS \"";
  private static final String SPACE_ROOT = "\", root: ";
  private static final String ALIAS = ", alias ";
  private static final String ROOT = " Root memory region: ";
  private static final String NOTHING = "  No rendered FlatView";

  /** How the lines of a view begin that are no rows. */
  static final List<String> LINES = List.of(SPACE, ROOT, NOTHING);

  private final String source;
  private final String text;
  private final List<MtreeFlatView> views = new ArrayList<>();
  private final Map<Integer, Integer> linesOfNumbers = new HashMap<>();
  private int next;
  private int line;
  private String current = "";
  private boolean atEnd;

  private MtreeReader(String source, String text) {
    this.source = source;
    this.text = text;
  }

  /**
   * Reads the text.
   *
   * @param source a file name or another name of the text, for messages
   * @param text the output, at most 64 Mi characters; line ends may be CRLF
   * @throws InputException with source and line if the text is something else, cut short or out of
   *     order
   */
  public static MtreeDump read(String source, String text) throws InputException {
    if (text.length() > LONGEST) {
      throw InputException.at(
          source, 0, text.length() + " characters, expected at most " + LONGEST);
    }
    MtreeReader reader = new MtreeReader(source, QmpAnswer.text(text, VIEW).orElse(text));
    reader.run();
    return new MtreeDump(reader.views);
  }

  /**
   * The same VM with the memory that a dump shows.
   *
   * @param vm the VM
   * @param source the name of the dump, for messages
   * @param text what {@code info mtree -f} printed once the firmware had finished
   * @throws InputException with source and line, if it is no such dump or not the whole of it
   */
  public static VmConfig withFirmware(VmConfig vm, String source, String text)
      throws InputException {
    return vm.withMemory(vm.memory().withFirmware(systemMemory(source, text)));
  }

  /**
   * What the address space {@code memory} shows, ascending.
   *
   * @param source the name of the dump, for messages
   * @param text what {@code info mtree -f} printed
   * @throws InputException with source and line, if it is no such dump or not the whole of it
   */
  public static List<PlacedRegion> systemMemory(String source, String text) throws InputException {
    return read(source, text)
        .systemMemory()
        .orElseThrow(() ->
            InputException.at(
                source,
                0,
                "shows no address space \"memory\", expected the whole of info mtree -f"));
  }

  private void run() throws InputException {
    int tree = 0;
    advance();
    while (!atEnd && !beginsView()) {
      if (tree == 0 && current.startsWith("address-space: ")) {
        tree = line;
      }
      advance();
    }
    Optional<String> error = atEnd ? QmpAnswer.error(text) : Optional.empty();
    if (error.isPresent()) {
      throw InputException.at(
          source,
          1,
          "QMP answered with an error, '"
              + error.get()
              + "', expected the output of `info mtree -f`");
    }
    if (atEnd) {
      throw InputException.at(
          source,
          tree,
          (tree > 0 ? "this is the tree of `info mtree`" : "no line begins with '" + VIEW + "'")
              + ", expected the output of `info mtree -f`");
    }
    while (!atEnd) {
      if (beginsView()) {
        view();
      } else if (current.startsWith(ROOT) || RowText.looksLikeRow(current.strip())) {
        throw unexpected("a line '" + VIEW + "...' or the end");
      } else {
        advance();
      }
    }
  }

  /** An excerpt may begin behind the number of its first view. */
  private boolean beginsView() {
    return current.startsWith(VIEW) || current.startsWith(SPACE);
  }

  private void view() throws InputException {
    int number = 0;
    if (current.startsWith(VIEW)) {
      number = number(current.substring(VIEW.length()).stripTrailing());
      Integer before = linesOfNumbers.putIfAbsent(number, line);
      if (before != null) {
        throw InputException.at(
            source,
            line,
            "flat view #" + number + " again, after line " + before + "; expected one dump");
      }
      advanceToText();
    }
    List<AddressSpaceRef> spaces = new ArrayList<>();
    while (!atEnd && current.startsWith(SPACE)) {
      spaces.add(addressSpace());
      advanceToText();
    }
    if (spaces.isEmpty()) {
      throw unexpected("a line '" + SPACE + "NAME" + SPACE_ROOT + "NAME'");
    }
    if (atEnd || !current.startsWith(ROOT) || current.length() == ROOT.length()) {
      throw unexpected("a line '" + ROOT + "NAME'");
    }
    String root = current.substring(ROOT.length()).stripTrailing();
    advanceToText();
    List<MtreeRow> rows = body();
    views.add(
        new MtreeFlatView(
            number, spaces, root.equals("(none)") ? Optional.empty() : Optional.of(root), rows));
  }

  private int number(String digits) throws InputException {
    if (!NUMBER.matcher(digits).matches()) {
      throw unexpected("a number behind '" + VIEW + "'");
    }
    return Integer.parseInt(digits);
  }

  private AddressSpaceRef addressSpace() throws InputException {
    int quote = current.indexOf(SPACE_ROOT, SPACE.length());
    if (quote < 0) {
      throw unexpected("a line '" + SPACE + "NAME" + SPACE_ROOT + "NAME'");
    }
    String name = current.substring(SPACE.length(), quote);
    String root = current.substring(quote + SPACE_ROOT.length()).stripTrailing();
    int alias = root.indexOf(ALIAS);
    return alias < 0
        ? new AddressSpaceRef(name, root, Optional.empty())
        : new AddressSpaceRef(
            name, root.substring(0, alias), Optional.of(root.substring(alias + ALIAS.length())));
  }

  /** Reads the rows and the empty line behind them, which may be missing at the end. */
  private List<MtreeRow> body() throws InputException {
    List<MtreeRow> rows = new ArrayList<>();
    if (!atEnd && current.startsWith(NOTHING)) {
      advance();
      if (!atEnd && !current.isBlank()) {
        throw unexpected("an empty line behind the flat view");
      }
      return rows;
    }
    boolean behindBlank = false;
    while (!atEnd) {
      MtreeRow row = RowText.read(current.stripTrailing());
      if (row == null && (behindBlank || current.isBlank() && !rows.isEmpty())) {
        behindBlank = true;
        if (!current.isBlank()) {
          break;
        }
      } else if (row == null) {
        throw unexpected(
            rows.isEmpty()
                ? "a row or '" + NOTHING + "'"
                : "a row 'FIRST-LAST (prio N, TYPE): NAME' or an empty line");
      } else {
        if (!rows.isEmpty()) {
          checkOrder(rows.get(rows.size() - 1), row);
        }
        rows.add(row);
        behindBlank = false;
      }
      advance();
    }
    if (rows.isEmpty()) {
      throw unexpected("a row or '" + NOTHING + "'");
    }
    return rows;
  }

  private void checkOrder(MtreeRow before, MtreeRow row) throws InputException {
    if (!U64.less(before.range().last(), row.range().first())) {
      throw InputException.at(
          source,
          line,
          "the row "
              + row.range()
              + " does not lie behind the one before it, "
              + before.range()
              + ", expected ascending rows");
    }
  }

  private InputException unexpected(String expected) {
    String shown = current.length() <= 80 ? current : current.substring(0, 77) + "...";
    return InputException.at(
        source, line, (atEnd ? "the text ends" : "'" + shown + "'") + ", expected " + expected);
  }

  /** Goes to the next line; the end of the text counts as one more. */
  private void advance() {
    line++;
    if (next >= text.length()) {
      atEnd = true;
      current = "";
      return;
    }
    int end = text.indexOf('\n', next);
    int last = end < 0 ? text.length() : end;
    int stop = last > next && text.charAt(last - 1) == '\r' ? last - 1 : last;
    current = PastedLine.plain(text.substring(next, stop));
    next = last + 1;
  }

  /** Goes to the next line that is not empty. */
  private void advanceToText() {
    advance();
    while (!atEnd && current.isBlank()) {
      advance();
    }
  }
}
