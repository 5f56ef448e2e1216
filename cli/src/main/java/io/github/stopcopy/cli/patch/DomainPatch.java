package io.github.stopcopy.cli.patch;

import io.github.stopcopy.cli.patch.XmlText.Element;
import io.github.stopcopy.migration.remedy.RemedyChange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes changes to the XML of a domain. Whether the patched domain has the answer is for the model
 * to say: where a change has no place here, there is no patch.
 */
public final class DomainPatch {

  private static final Pattern OVERRIDE =
      Pattern.compile("(?s)<qemu:override [^>]*>\\n(.*)\\n</qemu:override>");
  private static final Pattern ARGUMENTS =
      Pattern.compile("(?s)<qemu:commandline [^>]*>\\n(.*)\\n</qemu:commandline>");
  private static final Pattern IOMMU =
      Pattern.compile("<iommu model='[^']*'> <driver ([\\w-]+)='([^']*)'/> </iommu>");
  private static final Pattern WHOLE_IOMMU =
      Pattern.compile("(<iommu model='[^']*')(?:/>|> (<driver [^>]*/>) </iommu>)");
  private static final Pattern MACHINE =
      Pattern.compile("\\s*<os> <type machine='([^']*)'/> </os>");
  private static final Pattern IOAPIC =
      Pattern.compile("<features> <ioapic driver='([^']*)'/> </features>");

  private final String xml;
  private final XmlText text;
  private final String unit;

  /** The text is replaced from one index to before another. */
  private record Splice(int from, int to, String text) {}

  /**
   * A patch of this domain.
   *
   * @param xml the domain, as a parser has accepted it
   */
  public DomainPatch(String xml) {
    this.xml = xml;
    this.text = new XmlText(xml);
    this.unit =
        text.first("devices")
            .map(devices -> indentOf(devices.start()))
            .filter(indent -> !indent.isEmpty())
            .orElse("  ");
  }

  /**
   * The domain with the changes; another release and the host are not in it.
   *
   * @param changes the changes
   * @param added the XML that says the same as those of them which set something, as remedies tell
   *     it
   * @return the whole text; empty if it cannot be patched for one of the changes
   */
  public Optional<String> with(List<RemedyChange> changes, Optional<String> added) {
    List<Splice> splices = new ArrayList<>();
    List<RemedyChange> settings = new ArrayList<>();
    for (RemedyChange change : changes) {
      if (change instanceof RemedyChange.Remove) {
        Optional<Element> iommu = text.first("devices/iommu");
        if (iommu.isEmpty()) {
          return Optional.empty();
        }
        splices.add(line(iommu.get()));
      } else if (change instanceof RemedyChange.Set set && set.target().equals("smp")) {
        if (!cpus(set.value(), splices)) {
          return Optional.empty();
        }
      } else if (isInXml(change)) {
        settings.add(change);
      }
    }
    // What remedies tell to add says all changes or none.
    boolean isOtherIommu =
        settings.stream()
            .anyMatch(change ->
                change instanceof RemedyChange.Add || change instanceof RemedyChange.Replace);
    if (!settings.isEmpty() && (added.isEmpty() || !add(added.get(), isOtherIommu, splices))) {
      return Optional.empty();
    }
    return splices.isEmpty() ? Optional.empty() : Optional.of(apply(splices));
  }

  /** Whether it is about the domain, and not about the QEMU that runs it or the host. */
  public static boolean isInXml(RemedyChange change) {
    return !(change instanceof RemedyChange.Release)
        && !(change instanceof RemedyChange.Tracker)
        && !(change instanceof RemedyChange.Set set && set.target().equals("host"));
  }

  /** All of an element, with the whole line where nothing else stands there. */
  private Splice line(Element element) {
    int from = element.start();
    while (from > 0 && (xml.charAt(from - 1) == ' ' || xml.charAt(from - 1) == '\t')) {
      from--;
    }
    int to = xml.startsWith("\r\n", element.end()) ? element.end() + 2 : element.end() + 1;
    boolean alone =
        (from == 0 || xml.charAt(from - 1) == '\n')
            && element.end() < xml.length()
            && xml.substring(element.end(), Math.min(to, xml.length())).endsWith("\n");
    return alone ? new Splice(from, to, "") : new Splice(element.start(), element.end(), "");
  }

  /** A topology or a list of processors would have to change along. */
  private boolean cpus(String count, List<Splice> splices) {
    Optional<Element> vcpu = text.first("vcpu");
    if (vcpu.isEmpty()
        || text.first("vcpus").isPresent()
        || text.first("cpu/topology").isPresent()) {
      return false;
    }
    splices.add(new Splice(vcpu.get().content(), vcpu.get().contentEnd(), count));
    return true;
  }

  /** What remedies tell to add, each part at its place; false if a part has none. */
  private boolean add(String added, boolean isOtherIommu, List<Splice> splices) {
    String rest = added;
    rest = inside(rest, OVERRIDE, "override", splices);
    rest = inside(rest, ARGUMENTS, "commandline", splices);
    for (String line : rest.lines().toList()) {
      if (isOtherIommu && WHOLE_IOMMU.matcher(line).matches()) {
        if (!iommu(line, splices)) {
          return false;
        }
        continue;
      }
      Matcher iommu = IOMMU.matcher(line);
      Matcher ioapic = IOAPIC.matcher(line);
      Matcher machine = MACHINE.matcher(line);
      if (!line.isBlank()
          && !(iommu.matches()
              && attribute("devices/iommu", "driver", iommu.group(1), iommu.group(2), splices))
          && !(ioapic.matches()
              && attribute("features", "ioapic", "driver", ioapic.group(1), splices))
          && !(machine.matches()
              && attribute("os", "type", "machine", machine.group(1), splices))) {
        return false;
      }
    }
    return true;
  }

  /** A vIOMMU where there is none, or in place of the one that is there. */
  private boolean iommu(String added, List<Splice> splices) {
    Matcher whole = WHOLE_IOMMU.matcher(added);
    Optional<Element> devices = text.first("devices");
    if (!whole.matches() || devices.isEmpty()) {
      return false;
    }
    String element =
        whole.group(2) == null
            ? added
            : whole.group(1) + ">\n" + unit + whole.group(2) + "\n</iommu>";
    Optional<Element> there = text.first("devices/iommu");
    if (there.isPresent()) {
      String indent = indentOf(there.get().start());
      splices.add(
          new Splice(there.get().start(), there.get().end(), element.replace("\n", "\n" + indent)));
      return true;
    }
    if (devices.get().isEmptyTag()) {
      return false;
    }
    insertAtEnd(devices.get(), element, splices);
    return true;
  }

  /** Puts one of QEMU's own elements at the end of the domain, or into the one that is there. */
  private String inside(String added, Pattern pattern, String name, List<Splice> splices) {
    Matcher found = pattern.matcher(added);
    if (!found.find()) {
      return added;
    }
    Optional<Element> there = text.first("qemu:" + name).filter(element -> !element.isEmptyTag());
    if (there.isPresent()) {
      insertAtEnd(there.get(), found.group(1).stripIndent(), splices);
    } else {
      text.first("").ifPresent(domain -> insertAtEnd(domain, found.group(), splices));
    }
    return found.replaceFirst("");
  }

  private void insertAtEnd(Element outer, String lines, List<Splice> splices) {
    int at = outer.contentEnd();
    while (at > 0 && (xml.charAt(at - 1) == ' ' || xml.charAt(at - 1) == '\t')) {
      at--;
    }
    String indent = indentOf(outer.start()) + unit;
    StringBuilder all = new StringBuilder();
    for (String line : lines.lines().toList()) {
      all.append(indent).append(line).append('\n');
    }
    splices.add(new Splice(at, at, all.toString()));
  }

  /** Sets an attribute of an element in another one; each is made where it is not there. */
  private boolean attribute(
      String outerPath, String name, String attribute, String value, List<Splice> splices) {
    Optional<Element> outer = text.first(outerPath);
    if (outer.isEmpty()) {
      return false;
    }
    String setting = attribute + "='" + value + "'";
    Optional<Element> inner = text.in(outer.get(), name);
    if (inner.isPresent()) {
      String tag = xml.substring(inner.get().start(), inner.get().content());
      Matcher there =
          Pattern.compile("\\s" + Pattern.quote(attribute) + "\\s*=\\s*('[^']*'|\"[^\"]*\")")
              .matcher(tag);
      int nameEnd = inner.get().start() + 1 + name.length();
      splices.add(
          there.find()
              ? new Splice(
                  inner.get().start() + there.start(),
                  inner.get().start() + there.end(),
                  " " + setting)
              : new Splice(nameEnd, nameEnd, " " + setting));
      return true;
    }
    String child = "<" + name + " " + setting + "/>";
    String indent = indentOf(outer.get().start());
    if (outer.get().isEmptyTag()) {
      int slash = xml.lastIndexOf('/', outer.get().end() - 1);
      String last = outerPath.substring(outerPath.lastIndexOf('/') + 1);
      splices.add(
          new Splice(
              slash,
              outer.get().end(),
              ">\n" + indent + unit + child + "\n" + indent + "</" + last + ">"));
    } else {
      insertAtEnd(outer.get(), child, splices);
    }
    return true;
  }

  /** The white space before the element that starts here, if it begins its line. */
  private String indentOf(int start) {
    int line = xml.lastIndexOf('\n', start - 1) + 1;
    String before = xml.substring(line, start);
    return before.isBlank() ? before : "";
  }

  private String apply(List<Splice> splices) {
    List<Splice> ordered = new ArrayList<>(splices);
    ordered.sort(Comparator.comparingInt(Splice::from));
    StringBuilder all = new StringBuilder();
    int done = 0;
    for (Splice splice : ordered) {
      all.append(xml, done, Math.max(done, splice.from)).append(splice.text);
      done = Math.max(done, splice.to);
    }
    return all.append(xml.substring(done)).toString();
  }
}
