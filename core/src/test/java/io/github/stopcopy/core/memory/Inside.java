package io.github.stopcopy.core.memory;

import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/** Looks at what a tree keeps for itself, so that no method is there only to be tested. */
final class Inside {

  private Inside() {}

  static @Nullable Object of(Object holder, String name) {
    try {
      Field field = holder.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return field.get(holder);
    } catch (ReflectiveOperationException renamed) {
      throw new AssertionError(holder.getClass() + " has no field " + name, renamed);
    }
  }

  static long number(Object holder, String name) {
    if (of(holder, name) instanceof Number number) {
      return number.longValue();
    }
    throw new AssertionError(name + " is no number");
  }
}
