package io.github.stopcopy.cli.docs;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.ModuleTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A source file and what of it others can name, as the compiler reads it: in the order and with the
 * names of the source, which reflection does not keep.
 */
final class JavaSource {

  /** Of an enum with more constants only the ends are told. */
  private static final int MOST_CONSTANTS = 20;

  private static final int WIDTH = 100;

  private static final Set<String> OF_EVERY_OBJECT = Set.of("equals", "hashCode", "toString");
  private static final Set<Modifier> TOLD =
      EnumSet.of(
          Modifier.PROTECTED,
          Modifier.STATIC,
          Modifier.ABSTRACT,
          Modifier.FINAL,
          Modifier.SEALED,
          Modifier.NON_SEALED,
          Modifier.DEFAULT);

  /** Several tests look at the same sources, which do not change meanwhile. */
  private static final Map<Path, JavaSource> READ = new ConcurrentHashMap<>();

  private final String name;
  private final String text;
  private final CompilationUnitTree unit;
  private final DocTrees trees;

  private JavaSource(String name, String text, CompilationUnitTree unit, DocTrees trees) {
    this.name = name;
    this.text = text;
    this.unit = unit;
    this.trees = trees;
  }

  static JavaSource read(Path file) throws IOException {
    readAll(List.of(file));
    return Objects.requireNonNull(READ.get(file), file::toString);
  }

  /** At once: a compiler takes longer to be made than to read a file. */
  static void readAll(List<Path> files) throws IOException {
    List<Path> wanted = files.stream().filter(file -> !READ.containsKey(file)).toList();
    if (wanted.isEmpty()) {
      return;
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager =
        compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  manager,
                  null,
                  List.of("-proc:none"),
                  null,
                  manager.getJavaFileObjectsFromPaths(wanted));
      DocTrees trees = DocTrees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        Path file = Path.of(unit.getSourceFile().toUri());
        String name = file.getFileName().toString().replace(".java", "");
        READ.put(file, new JavaSource(name, Files.readString(file), unit, trees));
      }
    }
  }

  /** The sources of a package by name. */
  static TreeMap<String, JavaSource> ofPackage(Path folder) throws IOException {
    TreeMap<String, JavaSource> sources = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all = files.filter(each -> each.toString().endsWith(".java")).toList();
      readAll(all);
      for (Path file : all) {
        JavaSource source = read(file);
        sources.put(source.name, source);
      }
    }
    return sources;
  }

  String name() {
    return name;
  }

  CompilationUnitTree unit() {
    return unit;
  }

  DocTrees trees() {
    return trees;
  }

  ModuleTree module() {
    return unit.getModule();
  }

  boolean isPublicType() {
    return unit.getTypeDecls().stream()
        .anyMatch(each -> each instanceof ClassTree type && isPublic(type.getModifiers()));
  }

  private static boolean isPublic(ModifiersTree modifiers) {
    return modifiers.getFlags().contains(Modifier.PUBLIC);
  }

  /** The qualified names of the types that it imports. */
  List<String> imports() {
    return unit.getImports().stream()
        .map(each -> each.getQualifiedIdentifier().toString())
        .toList();
  }

  /** The first sentence on the package. */
  String packageSentence() {
    return firstSentence(new TreePath(new TreePath(unit), unit.getPackage()));
  }

  /** The first sentence on the type. */
  String sentence() {
    return firstSentence(new TreePath(new TreePath(unit), type()));
  }

  private ClassTree type() {
    return (ClassTree)
        unit.getTypeDecls().stream().filter(ClassTree.class::isInstance).findFirst().orElseThrow();
  }

  /** The first sentence of a comment in Markdown; that of "e.g." or "1 .. 9" does not end there. */
  private String firstSentence(TreePath path) {
    String comment = trees.getDocComment(path);
    if (comment == null) {
      throw new IllegalStateException("no comment in " + unit.getSourceFile().getName());
    }
    String words = comment.split("(?m)^\\s*(@|<p>)")[0].replaceAll("\\s+", " ").strip();
    return words
        .split("(?<![a-z]\\.[a-z]\\.)(?<=[^ .]\\.) ")[0]
        .replaceAll("\\{@link [^} ]+ ([^}]+)}", "$1")
        .replaceAll("\\{@(?:link|value) (?:[a-z]+\\.)*#?([^} ]+)}", "`$1`")
        .replaceAll("\\{@code ([^}]+)}", "`$1`")
        .replaceAll("</?[a-z]+>", "");
  }

  /**
   * The type and its members that others can name, a line each.
   *
   * @param siblings the sources of the package, whose hidden types may have members that this one
   *     inherits
   */
  List<String> signatures(TreeMap<String, JavaSource> siblings) {
    List<String> lines = new ArrayList<>();
    type(type(), "", siblings, lines);
    return lines;
  }

  private void type(
      ClassTree type, String indent, TreeMap<String, JavaSource> siblings, List<String> lines) {
    lines.addAll(header(type, indent, siblings));
    members(type, indent + "  ", siblings, lines);
  }

  /** The line that declares a type; the components of a long record have a line each. */
  private List<String> header(ClassTree type, String indent, TreeMap<String, JavaSource> siblings) {
    String kind =
        switch (type.getKind()) {
          case INTERFACE -> "interface ";
          case ENUM -> "enum ";
          case RECORD -> "record ";
          default -> "class ";
        };
    String name =
        modifiers(type.getModifiers())
            + kind
            + type.getSimpleName()
            + typeParameters(type.getTypeParameters());
    String parents = parents(type, siblings);
    if (type.getKind() != Tree.Kind.RECORD) {
      return List.of(indent + name + parents);
    }
    List<String> components =
        type.getMembers().stream()
            .filter(JavaSource::isComponent)
            .map(component -> variable((VariableTree) component))
            .toList();
    String line = indent + name + "(" + String.join(", ", components) + ")" + parents;
    if (line.length() <= WIDTH) {
      return List.of(line);
    }
    List<String> lines = new ArrayList<>(List.of(indent + name + "("));
    components.forEach(each -> lines.add(indent + "    " + each + ","));
    String last = lines.remove(lines.size() - 1);
    lines.add(last.substring(0, last.length() - 1) + ")" + parents);
    return lines;
  }

  private String parents(ClassTree type, TreeMap<String, JavaSource> siblings) {
    boolean told = type.getExtendsClause() != null && hiddenParent(type, siblings).isEmpty();
    String parents = told ? " extends " + source(type.getExtendsClause()) : "";
    if (!type.getImplementsClause().isEmpty()) {
      parents += type.getKind() == Tree.Kind.INTERFACE ? " extends " : " implements ";
      parents +=
          type.getImplementsClause().stream().map(this::source).collect(Collectors.joining(", "));
    }
    return parents;
  }

  /** The class that it extends, if that cannot be named; its members are told instead. */
  private Optional<JavaSource> hiddenParent(ClassTree type, TreeMap<String, JavaSource> siblings) {
    return Optional.ofNullable(type.getExtendsClause())
        .map(parent -> siblings.get(source(parent).replaceAll("<.*", "")))
        .filter(parent -> !parent.isPublicType());
  }

  private static boolean isComponent(Tree member) {
    return member instanceof VariableTree field
        && !field.getModifiers().getFlags().contains(Modifier.STATIC);
  }

  private void members(
      ClassTree type, String indent, TreeMap<String, JavaSource> siblings, List<String> lines) {
    boolean inInterface = type.getKind() == Tree.Kind.INTERFACE;
    if (type.getKind() == Tree.Kind.ENUM) {
      lines.add(indent + constants(type));
    }
    if (hasDefaultConstructor(type)) {
      lines.add(indent + type.getSimpleName() + "()");
    }
    List<ClassTree> nested = new ArrayList<>();
    for (Tree member : type.getMembers()) {
      if (member instanceof VariableTree field
          && canBeNamed(field.getModifiers(), inInterface)
          && !isConstant(type, field)) {
        lines.add(indent + modifiers(field.getModifiers()) + variable(field));
      } else if (member instanceof MethodTree method
          && canBeNamed(method.getModifiers(), inInterface)
          && !isImplied(type, method)) {
        lines.add(indent + method(type, method));
      } else if (member instanceof ClassTree each && canBeNamed(each.getModifiers(), inInterface)) {
        nested.add(each);
      }
    }
    hiddenParent(type, siblings)
        .ifPresent(hidden -> hidden.members(hidden.type(), indent, siblings, lines));
    nested.forEach(each -> type(each, indent, siblings, lines));
  }

  private static boolean canBeNamed(ModifiersTree modifiers, boolean inInterface) {
    Set<Modifier> flags = modifiers.getFlags();
    return inInterface
        ? !flags.contains(Modifier.PRIVATE)
        : flags.contains(Modifier.PUBLIC) || flags.contains(Modifier.PROTECTED);
  }

  /** A class that can be made although it says nothing about it. */
  private static boolean hasDefaultConstructor(ClassTree type) {
    return type.getKind() == Tree.Kind.CLASS
        && isPublic(type.getModifiers())
        && !type.getModifiers().getFlags().contains(Modifier.ABSTRACT)
        && type.getMembers().stream()
            .noneMatch(each -> each instanceof MethodTree method && isConstructor(method));
  }

  private static boolean isConstructor(MethodTree method) {
    return method.getName().contentEquals("<init>");
  }

  /** What every object has, what the supertype says, and the constructor that checks a record. */
  private static boolean isImplied(ClassTree type, MethodTree method) {
    boolean overrides =
        method.getModifiers().getAnnotations().stream()
            .anyMatch(each -> each.getAnnotationType().toString().equals("Override"));
    return overrides
        || OF_EVERY_OBJECT.contains(method.getName().toString())
        || type.getKind() == Tree.Kind.RECORD && isConstructor(method);
  }

  private static String constants(ClassTree type) {
    List<String> names = new ArrayList<>();
    for (Tree member : type.getMembers()) {
      if (member instanceof VariableTree field && isConstant(type, field)) {
        names.add(field.getName().toString());
      }
    }
    return names.size() <= MOST_CONSTANTS
        ? String.join(", ", names)
        : names.get(0) + ", ... " + names.get(names.size() - 1) + " (" + names.size() + ")";
  }

  private static boolean isConstant(ClassTree type, VariableTree field) {
    return type.getKind() == Tree.Kind.ENUM
        && field.getType().toString().contentEquals(type.getSimpleName());
  }

  private String method(ClassTree type, MethodTree method) {
    StringBuilder line = new StringBuilder(modifiers(method.getModifiers()));
    String parameters = typeParameters(method.getTypeParameters());
    line.append(parameters).append(parameters.isEmpty() ? "" : " ");
    if (isConstructor(method)) {
      line.append(type.getSimpleName());
    } else {
      line.append(source(method.getReturnType())).append(' ').append(method.getName());
    }
    line.append(
        method.getParameters().stream()
            .map(this::variable)
            .collect(Collectors.joining(", ", "(", ")")));
    if (!method.getThrows().isEmpty()) {
      line.append(" throws ")
          .append(method.getThrows().stream().map(this::source).collect(Collectors.joining(", ")));
    }
    return line.toString();
  }

  private String variable(VariableTree variable) {
    return nullable(variable.getModifiers())
        + source(variable.getType())
        + " "
        + variable.getName();
  }

  private String typeParameters(List<? extends Tree> parameters) {
    return parameters.isEmpty()
        ? ""
        : parameters.stream().map(this::source).collect(Collectors.joining(", ", "<", ">"));
  }

  private static String modifiers(ModifiersTree modifiers) {
    String flags =
        modifiers.getFlags().stream()
            .filter(TOLD::contains)
            .map(flag -> flag + " ")
            .collect(Collectors.joining());
    return flags + nullable(modifiers);
  }

  private static String nullable(ModifiersTree modifiers) {
    return modifiers.getAnnotations().stream()
            .anyMatch(each -> each.getAnnotationType().toString().equals("Nullable"))
        ? "@Nullable "
        : "";
  }

  /** The text of the source, without line breaks. */
  private String source(Tree tree) {
    int from = (int) trees.getSourcePositions().getStartPosition(unit, tree);
    int to = (int) trees.getSourcePositions().getEndPosition(unit, tree);
    return text.substring(from, to).replaceAll("\\s+", " ");
  }
}
