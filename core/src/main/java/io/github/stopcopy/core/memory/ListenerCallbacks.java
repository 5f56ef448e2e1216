package io.github.stopcopy.core.memory;

import java.lang.reflect.Method;
import java.util.HashSet;
import java.util.Set;

/**
 * Which callbacks a class of listeners overrides; the others do nothing, so that nobody can tell
 * whether they are called. A class that overrides none is not what it seems, but a mock, and is
 * called.
 *
 * @param begin whether it hears of the begin of commits
 * @param commit whether it hears of their end
 * @param regionNop whether it hears of runs that stay
 * @param log whether it hears of who begins or stops to log writes
 */
record ListenerCallbacks(boolean begin, boolean commit, boolean regionNop, boolean log) {

  private static final Set<String> NO_CALLBACKS = Set.of("priority", "takesRegionNop");

  private static final ClassValue<ListenerCallbacks> OF_CLASS =
      new ClassValue<>() {
        @Override
        protected ListenerCallbacks computeValue(Class<?> type) {
          return find(type);
        }
      };

  static ListenerCallbacks of(Class<? extends MemoryListener> type) {
    return OF_CLASS.get(type);
  }

  private static ListenerCallbacks find(Class<?> type) {
    Set<String> overridden = new HashSet<>();
    for (Method callback : MemoryListener.class.getMethods()) {
      if (!NO_CALLBACKS.contains(callback.getName()) && isOverridden(callback, type)) {
        overridden.add(callback.getName());
      }
    }
    boolean isMock = overridden.isEmpty();
    return new ListenerCallbacks(
        isMock || overridden.contains("begin"),
        isMock || overridden.contains("commit"),
        overridden.contains("regionNop"),
        isMock || overridden.contains("logStart") || overridden.contains("logStop"));
  }

  private static boolean isOverridden(Method callback, Class<?> type) {
    try {
      return type.getMethod(callback.getName(), callback.getParameterTypes()).getDeclaringClass()
          != MemoryListener.class;
    } catch (NoSuchMethodException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
