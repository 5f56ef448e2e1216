package io.github.stopcopy.core.plugin;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.guard.BuiltIn;
import io.github.stopcopy.core.guard.PluginText;
import java.net.URISyntaxException;
import java.net.URL;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.Spliterator;
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
  private final ImmutableMap<String, String> clashes;
  private final ImmutableList<PluginDescription> descriptions;
  private final ImmutableList<String> problems;

  private ProviderSet(
      Map<String, P> byName,
      Map<String, String> clashes,
      List<PluginDescription> descriptions,
      Collection<String> problems) {
    this.byName = ImmutableMap.copyOf(byName);
    this.clashes = ImmutableMap.copyOf(clashes);
    this.descriptions = ImmutableList.copyOf(descriptions);
    this.problems = ImmutableList.copyOf(problems);
  }

  /**
   * Puts a guard around a provider of somebody else; what comes with this project passes as it is.
   *
   * @param <P> the SPI
   */
  @FunctionalInterface
  public interface Door<P> {

    /**
     * The same provider with a guard.
     *
     * @param name the name it came in with, which is its name from now on
     * @param provider somebody else's
     * @param watch is told of every call
     */
    P guarded(String name, P provider, PluginWatch watch);
  }

  /** Those that came in so far. */
  private static final class Arrivals<P> {

    private final Function<P, String> name;
    private final Door<P> door;
    private final PluginWatch watch;
    private final Map<String, P> originals = new LinkedHashMap<>();
    private final Map<String, P> byName = new LinkedHashMap<>();
    private final Map<String, String> clashes = new LinkedHashMap<>();

    Arrivals(Function<P, String> name, Door<P> door, PluginWatch watch) {
      this.name = name;
      this.door = door;
      this.watch = watch;
    }

    /** Makes a provider, which may be all that a plugin ever does. */
    P made(ServiceLoader.Provider<P> found) {
      watch.asked(plugin(found.type()), "its constructor");
      try {
        return found.get();
      } finally {
        watch.answered();
      }
    }

    String nameOf(P provider) {
      String given;
      watch.asked(plugin(provider.getClass()), "name");
      try {
        given = name.apply(provider);
      } finally {
        watch.answered();
      }
      PluginText.checkName(provider.getClass().getName(), given == null ? "" : given);
      return given;
    }

    private static String plugin(Class<?> type) {
      return "plugin " + PluginText.oneLine(type.getName());
    }

    /** A name that two offer is that of neither from then on; others are not touched by it. */
    void add(String given, P provider) {
      P other = originals.putIfAbsent(given, provider);
      if (other == null) {
        byName.put(
            given,
            isBuiltIn(provider.getClass()) ? provider : door.guarded(given, provider, watch));
        return;
      }
      byName.remove(given);
      clashes.putIfAbsent(
          given, clash(PluginDescription.of(given, other), PluginDescription.of(given, provider)));
    }

    ProviderSet<P> set(Collection<String> problems) {
      List<PluginDescription> descriptions = new ArrayList<>();
      originals.forEach((given, provider) -> {
        if (byName.containsKey(given)) {
          descriptions.add(PluginDescription.of(given, provider));
        }
      });
      return new ProviderSet<>(byName, clashes, descriptions, problems);
    }
  }

  /**
   * Loads every provider it can; a broken one is reported in {@link #problems} and the others load.
   * So is a name that two offer, which then is the name of none of them. A class that is found
   * twice counts once.
   *
   * @param loader made by the module that owns the SPI
   * @param name the name of a provider
   * @param door puts guards around those of others
   * @param watch is told when they are made and asked
   */
  public static <P> ProviderSet<P> load(
      ServiceLoader<P> loader, Function<P, String> name, Door<P> door, PluginWatch watch) {
    Arrivals<P> arrivals = new Arrivals<>(name, door, watch);
    Set<String> problems = new LinkedHashSet<>(); // a file that fails without end is one line
    Spliterator<ServiceLoader.Provider<P>> found = loader.stream().spliterator();
    List<ServiceLoader.Provider<P>> next = new ArrayList<>();
    int failures = 0;
    while (failures < MOST_FAILURES) {
      P provider;
      String given;
      try {
        next.clear();
        if (!found.tryAdvance(next::add)) {
          break;
        }
        provider = arrivals.made(next.get(0));
        given = arrivals.nameOf(provider);
      } catch (Throwable broken) { // as PluginGuard says
        failures++;
        problems.add("a plugin could not be loaded and is left out: " + inOneLine(broken));
        continue;
      }
      P other = arrivals.originals.get(given);
      if (other == null || other.getClass() != provider.getClass()) {
        arrivals.add(given, provider);
      }
    }
    return arrivals.set(problems);
  }

  /** Nobody. */
  static <P> ProviderSet<P> none() {
    return new ProviderSet<>(Map.of(), Map.of(), List.of(), List.of());
  }

  /**
   * Providers given as objects.
   *
   * @param name the name of a provider
   * @param door puts guards around those of others
   * @throws InputException if two have one name
   * @throws IllegalArgumentException if one has no name by which it can be chosen
   */
  public static <P> ProviderSet<P> of(
      Collection<? extends P> providers, Function<P, String> name, Door<P> door)
      throws InputException {
    Arrivals<P> arrivals = new Arrivals<>(name, door, PluginWatch.NONE);
    for (P provider : providers) {
      arrivals.add(arrivals.nameOf(provider), provider);
    }
    for (String clash : arrivals.clashes.values()) {
      throw InputException.of(clash);
    }
    return arrivals.set(List.of());
  }

  /** The same without a name that somebody of another kind offers too. */
  ProviderSet<P> withClash(String name, String clash) {
    Map<String, P> others = new LinkedHashMap<>(byName);
    others.remove(name);
    Map<String, String> more = new LinkedHashMap<>(clashes);
    more.putIfAbsent(name, clash);
    return new ProviderSet<>(
        others,
        more,
        descriptions.stream().filter(known -> !known.name().equals(name)).toList(),
        problems);
  }

  /** Whether anybody offers the name; also if two do, so that nobody can be found by it. */
  public boolean isOffered(String name) {
    return byName.containsKey(name) || clashes.containsKey(name);
  }

  /** The provider with this name; empty if there is none, or if two offer the name. */
  public Optional<P> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /**
   * The provider with this name, which somebody asked for.
   *
   * @param kind what it is, e.g. {@code dirty tracker}, for the message
   * @throws InputException if there is none; it names those that are there. Also if two offer the
   *     name; it names where both come from.
   */
  public P named(String kind, String name) throws InputException {
    String clash = clashes.get(name);
    if (clash != null) {
      throw InputException.of(clash);
    }
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

  /** All names that one provider has, in the order found. */
  public Collection<String> names() {
    return byName.keySet();
  }

  /** All providers in the order found. */
  public Collection<P> all() {
    return byName.values();
  }

  /** A line for each plugin that could not be loaded, and for each name that two offer. */
  public List<String> problems() {
    if (problems.isEmpty() && clashes.isEmpty()) {
      return List.of();
    }
    return ImmutableList.<String>builder().addAll(problems).addAll(clashes.values()).build();
  }

  /** What is known of each provider, in the order found. */
  public List<PluginDescription> describe() {
    return descriptions;
  }

  /** What is known of the provider with a name that is there. */
  PluginDescription describe(String name) {
    return descriptions.stream()
        .filter(known -> known.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @SuppressWarnings("ReferenceEquality") // class loaders are who they are
  private static boolean isBuiltIn(Class<?> provider) {
    return provider.isAnnotationPresent(BuiltIn.class)
        && provider.getClassLoader() == BuiltIn.class.getClassLoader()
        && BuiltIn.class
            .getModule()
            .isExported(BuiltIn.class.getPackageName(), provider.getModule());
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

  /** That two providers have one name, and where both come from. */
  static String clash(PluginDescription one, PluginDescription other) {
    return "two plugins are named "
        + one.name()
        + ": "
        + one.className()
        + " from "
        + one.origin()
        + " and "
        + other.className()
        + " from "
        + other.origin()
        + ", expected one";
  }

  /** What is wrong and, where ServiceLoader only says that something is, why. */
  private static String inOneLine(Throwable broken) {
    Throwable cause =
        broken.getClass() == ServiceConfigurationError.class ? broken.getCause() : null;
    return cause != null
        ? PluginText.describe(broken) + " (" + PluginText.describe(cause) + ")"
        : PluginText.describe(broken);
  }
}
