package io.github.stopcopy.core.plugin;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.PluginGuard;
import java.net.URISyntaxException;
import java.net.URL;
import java.security.CodeSource;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Function;

/**
 * The providers of one SPI by name, and what went wrong with those that could not be loaded.
 * Immutable.
 *
 * @param <P> the SPI
 */
public final class ProviderSet<P> {

  /** A services file that cannot be read at all fails anew each time, without end. */
  private static final int MOST_FAILURES = 1000;

  private final ImmutableMap<String, P> byName;
  private final ImmutableList<String> problems;

  private ProviderSet(Map<String, P> byName, Collection<String> problems) {
    this.byName = ImmutableMap.copyOf(byName);
    this.problems = ImmutableList.copyOf(problems);
  }

  /**
   * Loads every provider it can; a broken one is reported in {@link #problems} and the others load.
   * A class that is found twice counts once.
   *
   * @param loader made by the module that owns the SPI
   * @param name the name of a provider
   * @throws InputException if two providers have one name; it names where both come from
   */
  public static <P> ProviderSet<P> load(ServiceLoader<P> loader, Function<P, String> name)
      throws InputException {
    Map<String, P> byName = new LinkedHashMap<>();
    Set<String> problems = new LinkedHashSet<>(); // a file that fails without end is one line
    Iterator<P> iterator = loader.iterator();
    int failures = 0;
    while (failures < MOST_FAILURES) {
      try {
        if (!iterator.hasNext()) {
          break;
        }
        P provider = iterator.next();
        String given = nameOf(provider, name);
        P other = byName.get(given);
        if (other == null || other.getClass() != provider.getClass()) {
          add(byName, given, provider);
        }
      } catch (InputException clash) {
        throw clash;
      } catch (Throwable broken) { // as PluginGuard says
        failures++;
        problems.add("a plugin could not be loaded and is left out: " + inOneLine(broken));
      }
    }
    return new ProviderSet<>(byName, problems);
  }

  /**
   * Providers given as objects.
   *
   * @throws InputException if two have one name
   * @throws IllegalArgumentException if one has no name
   */
  public static <P> ProviderSet<P> of(Collection<? extends P> providers, Function<P, String> name)
      throws InputException {
    Map<String, P> byName = new LinkedHashMap<>();
    for (P provider : providers) {
      add(byName, nameOf(provider, name), provider);
    }
    return new ProviderSet<>(byName, List.of());
  }

  /** The provider with this name. */
  public Optional<P> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /**
   * The provider with this name, which somebody asked for.
   *
   * @param kind what it is, e.g. {@code dirty tracker}, for the message
   * @throws InputException if there is none; it names those that are there
   */
  public P named(String kind, String name) throws InputException {
    P provider = byName.get(name);
    if (provider == null) {
      throw InputException.of(
          "no "
              + kind
              + " is named '"
              + name
              + (byName.isEmpty()
                  ? "'; none was found"
                  : "', expected one of " + String.join(", ", byName.keySet())));
    }
    return provider;
  }

  /** All names in the order found. */
  public Collection<String> names() {
    return byName.keySet();
  }

  /** All providers in the order found. */
  public Collection<P> all() {
    return byName.values();
  }

  /** A line for each plugin that could not be loaded. */
  public List<String> problems() {
    return problems;
  }

  /** What is known of each provider, in the order found. */
  public List<PluginDescription> describe() {
    return byName.entrySet().stream()
        .map(entry -> PluginDescription.of(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** Where a provider's class comes from: a jar or folder, or its module. */
  static String origin(Object provider) {
    CodeSource source = provider.getClass().getProtectionDomain().getCodeSource();
    URL location = source == null ? null : source.getLocation();
    return location != null ? path(location) : provider.getClass().getModule().toString();
  }

  /** The path of a file as people write it: a blank is a blank. */
  private static String path(URL location) {
    try {
      String path = location.toURI().getPath();
      return path != null ? path : location.toString();
    } catch (URISyntaxException notEscaped) {
      return location.getPath();
    }
  }

  private static <P> String nameOf(P provider, Function<P, String> name) {
    String given = name.apply(provider);
    if (given == null || given.isBlank()) {
      throw new IllegalArgumentException(provider.getClass().getName() + " has no name");
    }
    return given;
  }

  private static <P> void add(Map<String, P> byName, String name, P provider)
      throws InputException {
    P other = byName.putIfAbsent(name, provider);
    if (other != null) {
      throw clash(name, other, provider);
    }
  }

  /** The error that two providers have one name; it names where both come from. */
  static InputException clash(String name, Object one, Object other) {
    return InputException.of(
        "two plugins are named "
            + name
            + ": "
            + one.getClass().getName()
            + " from "
            + origin(one)
            + " and "
            + other.getClass().getName()
            + " from "
            + origin(other)
            + ", expected one");
  }

  /** What is wrong and, where ServiceLoader only says that something is, why. */
  private static String inOneLine(Throwable broken) {
    Throwable cause = broken.getCause();
    return broken instanceof ServiceConfigurationError && cause != null
        ? PluginGuard.describe(broken) + " (" + PluginGuard.describe(cause) + ")"
        : PluginGuard.describe(broken);
  }
}
