package io.github.stopcopy.migration;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.error.PluginWatch;
import io.github.stopcopy.core.plugin.ProviderSet;
import io.github.stopcopy.migration.lint.LintRuleSet;
import io.github.stopcopy.migration.rules.QemuRuleSet;
import io.github.stopcopy.migration.spi.RuleSetProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** The rule sets that are there. Nothing is cached. Immutable, thread-safe. */
public final class RuleSets {

  private final ProviderSet<RuleSetProvider> providers;

  private RuleSets(ProviderSet<RuleSetProvider> providers) {
    this.providers = providers;
  }

  /** What the thread's context class loader finds. */
  public static RuleSets load() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return load(context != null ? context : RuleSets.class.getClassLoader());
  }

  /** What a class loader finds. */
  public static RuleSets load(ClassLoader loader) {
    return load(loader, PluginWatch.NONE);
  }

  /**
   * What a class loader finds, with somebody who is told whenever a set of others is made or asked.
   * A name that two offer is one of the {@link #problems}, and an error where it is used.
   */
  public static RuleSets load(ClassLoader loader, PluginWatch watch) {
    return new RuleSets(
        ProviderSet.load(
            ServiceLoader.load(RuleSetProvider.class, loader),
            RuleSetProvider::name,
            GuardedRuleSet::new,
            watch));
  }

  /**
   * QEMU's own rules, the linter and exactly these besides, without ServiceLoader.
   *
   * @throws InputException if two sets have one name
   */
  public static RuleSets of(List<RuleSetProvider> more) throws InputException {
    List<RuleSetProvider> all = new ArrayList<>(List.of(new QemuRuleSet(), new LintRuleSet()));
    all.addAll(more);
    return new RuleSets(ProviderSet.of(all, RuleSetProvider::name, GuardedRuleSet::new));
  }

  /**
   * The set with this name.
   *
   * @throws InputException if there is none, or if two offer the name
   */
  public RuleSetProvider named(String name) throws InputException {
    return providers.named("rule set", name);
  }

  /** A line for each plugin that could not be loaded, and for each name that two offer. */
  public List<String> problems() {
    return providers.problems();
  }

  /** The providers, for listings. */
  public ProviderSet<RuleSetProvider> providers() {
    return providers;
  }
}
