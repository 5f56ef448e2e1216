package io.github.stopcopy.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * The outcome of every case of a contract for one subclass of it.
 *
 * @param passed the methods of the cases that passed
 * @param failed the messages of those that failed, by method
 * @param skipped the methods of the cases that were skipped or gave up an assumption
 */
record ContractRun(Set<String> passed, Map<String, String> failed, Set<String> skipped) {

  /** Runs all cases. Every case that the class inherits must have run, or this fails. */
  static ContractRun of(Class<?> contractTest) {
    return run(selectClass(contractTest), cases(contractTest));
  }

  /** Runs one case, which must be there. */
  static ContractRun of(Class<?> contractTest, String method) {
    return run(selectMethod(contractTest, method), Set.of(method));
  }

  private static ContractRun run(DiscoverySelector selector, Set<String> cases) {
    ContractRun run = new ContractRun(new TreeSet<>(), new TreeMap<>(), new TreeSet<>());
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request().selectors(selector).build(),
            new TestExecutionListener() {
              @Override
              public void executionSkipped(TestIdentifier test, String reason) {
                run.skipped.add(method(test));
              }

              @Override
              public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest()) {
                  run.finished(method(test), result);
                } else {
                  assertThat(result.getStatus())
                      .as(test.getDisplayName())
                      .isEqualTo(TestExecutionResult.Status.SUCCESSFUL);
                }
              }
            });
    Set<String> ran = new TreeSet<>(run.passed);
    ran.addAll(run.failed.keySet());
    ran.addAll(run.skipped);
    assertThat(ran).isNotEmpty().isEqualTo(cases);
    return run;
  }

  private void finished(String method, TestExecutionResult result) {
    switch (result.getStatus()) {
      case SUCCESSFUL -> passed.add(method);
      case ABORTED -> skipped.add(method);
      case FAILED ->
          failed.put(method, result.getThrowable().map(Throwable::toString).orElse("no message"));
    }
  }

  private static String method(TestIdentifier test) {
    return ((MethodSource) test.getSource().orElseThrow()).getMethodName();
  }

  private static Set<String> cases(Class<?> contractTest) {
    Set<String> cases = new TreeSet<>();
    for (Class<?> at = contractTest; at != null; at = at.getSuperclass()) {
      for (Method method : at.getDeclaredMethods()) {
        if (method.isAnnotationPresent(Test.class)) {
          cases.add(method.getName());
        }
      }
    }
    return cases;
  }
}
