package io.github.stopcopy.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** vfio-pci has floors, and on none of them do two classes know each other. */
@AnalyzeClasses(
    packages = VfioFloorsTest.ROOT,
    importOptions = ImportOption.DoNotIncludeTests.class)
class VfioFloorsTest {

  static final String ROOT = "io.github.stopcopy.vfiopci";

  /** The packages from the ground up; the first is the one of public value types. */
  private static final List<String> FLOORS =
      List.of(
          ROOT,
          ROOT + ".event",
          ROOT + ".tracker",
          ROOT + ".driver",
          ROOT + ".listener",
          ROOT + ".environment",
          ROOT + ".devicetype",
          ROOT + ".kernel",
          ROOT + ".mapping",
          ROOT + ".tracking",
          ROOT + ".device",
          ROOT + ".subsystem");

  @ArchTest
  static final ArchRule everyClassIsOnAFloor =
      classes().should().resideInAnyPackage(FLOORS.toArray(String[]::new));

  @ArchTest
  static void noFloorKnowsOneAbove(JavaClasses vfio) {
    for (int i = 0; i < FLOORS.size() - 1; i++) {
      noClasses()
          .that()
          .resideInAPackage(FLOORS.get(i))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(FLOORS.subList(i + 1, FLOORS.size()).toArray(String[]::new))
          .check(vfio);
    }
  }

  @ArchTest
  static void noTwoClassesKnowEachOther(JavaClasses vfio) {
    Map<String, Set<String>> graph = graph(vfio);
    assertThat(graph.get(ROOT + ".tracking.DirtySync"))
        .contains(ROOT + ".tracking.DirtyTracking", ROOT + ".kernel.KernelContainer");
    assertThat(cycles(graph)).isEmpty();
  }

  @Test
  void cyclesAreFound() {
    Map<String, Set<String>> graph =
        Map.of(
            "a", Set.of("b"),
            "b", Set.of("c"),
            "c", Set.of("b", "d"),
            "d", Set.of("e"),
            "e", Set.of());
    assertThat(cycles(graph)).containsExactly(Set.of("b", "c"));
  }

  /** Which class refers to which; nested classes and sealed families count as one. */
  private static Map<String, Set<String>> graph(JavaClasses all) {
    Map<String, Set<String>> graph = new TreeMap<>();
    for (JavaClass from : all) {
      Set<String> known = graph.computeIfAbsent(family(from), name -> new TreeSet<>());
      for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
        JavaClass to = dependency.getTargetClass().getBaseComponentType();
        if (to.getPackageName().startsWith(ROOT) && !family(to).equals(family(from))) {
          known.add(family(to));
        }
      }
    }
    return graph;
  }

  private static String family(JavaClass member) {
    JavaClass outermost = member;
    while (outermost.getEnclosingClass().isPresent()) {
      outermost = outermost.getEnclosingClass().get();
    }
    for (JavaClass parent : outermost.getRawInterfaces()) {
      if (parent.reflect().isSealed()) {
        return family(parent);
      }
    }
    return outermost.getName();
  }

  /** The groups of nodes that reach each other, each of two nodes or more. */
  private static List<Set<String>> cycles(Map<String, Set<String>> graph) {
    Map<String, Set<String>> reachable = new TreeMap<>();
    graph.keySet().forEach(node -> reachable.put(node, reachable(graph, node)));
    List<Set<String>> cycles = new ArrayList<>();
    reachable.forEach((node, others) -> {
      Set<String> cycle = new TreeSet<>();
      for (String other : others) {
        if (reachable.get(other).contains(node)) {
          cycle.add(other);
        }
      }
      if (!cycle.isEmpty() && !cycles.contains(cycle)) {
        cycles.add(cycle);
      }
    });
    return cycles;
  }

  private static Set<String> reachable(Map<String, Set<String>> graph, String from) {
    Set<String> seen = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>(graph.get(from));
    while (!open.isEmpty()) {
      String node = open.pop();
      if (seen.add(node)) {
        open.addAll(graph.get(node));
      }
    }
    return seen;
  }
}
