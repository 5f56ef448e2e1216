package io.github.stopcopy.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What others can use of the modules says in a sentence at least what it is, and each package too.
 * Javadoc's own check would ask for {@code @param} and {@code @return} of everything as well.
 */
class DocumentedTest {

  private static final String NULL_MARKED = "@NullMarked\npackage ";

  /** Finds what others can see and nobody describes, in sources that are only parsed. */
  private static final class Finder extends TreePathScanner<@Nullable Void, @Nullable Void> {
    private final DocTrees docs;
    private final List<String> found = new ArrayList<>();
    private final CompilationUnitTree unit;
    private int seen;

    Finder(DocTrees docs, CompilationUnitTree unit) {
      this.docs = docs;
      this.unit = unit;
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, @Nullable Void nothing) {
      if (isVisible(type.getModifiers())) {
        check(type.getSimpleName());
        super.visitClass(type, nothing); // what is inside of a hidden type is hidden
      }
      return null;
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
      boolean overrides =
          method.getModifiers().getAnnotations().stream()
              .anyMatch(one -> one.getAnnotationType().toString().equals("Override"));
      if (isVisible(method.getModifiers()) && !overrides && !isGenerated(method)) {
        DocCommentTree comment = check(method.getName());
        if (comment != null && !method.getThrows().isEmpty()) {
          checkThrows(method, comment);
        }
      }
      return null;
    }

    /** The parser itself adds the canonical constructor of a record. */
    private boolean isGenerated(MethodTree method) {
      return docs.getSourcePositions().getEndPosition(unit, method) < 0;
    }

    private void checkThrows(MethodTree method, DocCommentTree comment) {
      boolean told =
          comment.getBlockTags().stream().anyMatch(tag -> tag.getKind() == DocTree.Kind.THROWS);
      if (!told) {
        note(method.getName() + " does not say when it throws " + method.getThrows());
      }
    }

    @Override
    public @Nullable Void visitVariable(VariableTree field, @Nullable Void nothing) {
      TreePath type = getCurrentPath().getParentPath();
      if (type.getLeaf() instanceof ClassTree owner
          && (isVisible(field.getModifiers()) && !isComponent(owner, field))) {
        check(field.getName());
      }
      return null;
    }

    /** The components of a record, which its own comment describes; doclint sees to them. */
    private static boolean isComponent(ClassTree owner, VariableTree field) {
      return owner.getKind() == Tree.Kind.RECORD
          && !field.getModifiers().getFlags().contains(Modifier.STATIC);
    }

    /** Members of interfaces are public without a word. */
    private boolean isVisible(ModifiersTree modifiers) {
      Set<Modifier> flags = modifiers.getFlags();
      TreePath parent = getCurrentPath().getParentPath();
      boolean inInterface =
          parent != null
              && parent.getLeaf().getKind() == Tree.Kind.INTERFACE
              && !flags.contains(Modifier.PRIVATE);
      return inInterface || flags.contains(Modifier.PUBLIC) || flags.contains(Modifier.PROTECTED);
    }

    private @Nullable DocCommentTree check(CharSequence name) {
      seen++;
      DocCommentTree comment = docs.getDocCommentTree(getCurrentPath());
      if (comment == null || comment.getFullBody().isEmpty()) {
        note(name + " has no comment");
      }
      return comment;
    }

    private void note(String problem) {
      long position = docs.getSourcePositions().getStartPosition(unit, getCurrentPath().getLeaf());
      Path file = Path.of(unit.getSourceFile().toUri());
      found.add(
          GeneratedPage.ROOT.relativize(file)
              + ":"
              + unit.getLineMap().getLineNumber(position)
              + ": "
              + problem);
    }
  }

  private static List<Path> modules() throws IOException {
    try (Stream<Path> folders = Files.list(GeneratedPage.ROOT)) {
      return folders.filter(folder -> Files.exists(folder.resolve("pom.xml"))).sorted().toList();
    }
  }

  private static List<Path> publishedModules() throws IOException {
    List<Path> published = new ArrayList<>();
    for (Path module : modules()) {
      if (!Files.readString(module.resolve("pom.xml")).contains("<maven.deploy.skip>true<")) {
        published.add(module);
      }
    }
    return published;
  }

  private static List<Path> javaFiles(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }

  @Test
  void whatOthersCanUseHasAComment() throws IOException {
    List<String> problems = new ArrayList<>();
    int seen = 0;
    for (Path module : publishedModules()) {
      List<Path> files = javaFiles(module.resolve("src/main/java"));
      JavaSource.readAll(files);
      for (Path file : files) {
        JavaSource source = JavaSource.read(file);
        Finder finder = new Finder(source.trees(), source.unit());
        finder.scan(source.unit(), null);
        problems.addAll(finder.found);
        seen += finder.seen;
      }
    }
    assertThat(problems).isEmpty();
    assertThat(seen).isGreaterThan(500);
  }

  @Test
  void eachPackageSaysWhatItIsForAndIsNullMarked() throws IOException {
    TreeSet<Path> packages = new TreeSet<>();
    for (Path module : modules()) {
      for (Path file : javaFiles(module.resolve("src/main/java"))) {
        packages.add(file.getParent());
      }
      packages.removeIf(folder -> folder.endsWith("src/main/java")); // where module-info is
    }
    assertThat(packages).hasSizeGreaterThan(30).allSatisfy(DocumentedTest::isDescribed);
  }

  /** A package of tests that stand beside the code is marked there. */
  @Test
  void packagesOfTestsAreNullMarked() throws IOException {
    TreeSet<Path> packages = new TreeSet<>();
    for (Path module : modules()) {
      Path tests = module.resolve("src/test/java");
      for (Path file : javaFiles(tests)) {
        Path name = tests.relativize(file.getParent());
        Path code = module.resolve("src/main/java").resolve(name);
        packages.add(Files.exists(code.resolve("package-info.java")) ? code : file.getParent());
      }
    }
    assertThat(packages).hasSizeGreaterThan(30).allSatisfy(DocumentedTest::isDescribed);
  }

  private static void isDescribed(Path folder) {
    assertThat(folder.resolve("package-info.java"))
        .exists()
        .content()
        .startsWith("/**")
        .contains(NULL_MARKED);
  }
}
