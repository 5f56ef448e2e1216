import io.github.stopcopy.migration.lint.LintRuleSet;
import io.github.stopcopy.migration.rules.QemuRuleSet;
import io.github.stopcopy.migration.spi.RuleSetProvider;

/**
 * Assembles a VM on the model, plays its migration, decides and explains.
 *
 * @uses io.github.stopcopy.migration.spi.RuleSetProvider
 * @provides io.github.stopcopy.migration.spi.RuleSetProvider
 */
module io.github.stopcopy.migration {
  requires transitive io.github.stopcopy.core;
  requires transitive io.github.stopcopy.vfiopci;
  requires com.google.common;
  requires static com.google.auto.service;
  requires static org.jspecify;

  exports io.github.stopcopy.migration;
  exports io.github.stopcopy.migration.cost;
  exports io.github.stopcopy.migration.destination;
  exports io.github.stopcopy.migration.event;
  exports io.github.stopcopy.migration.fleet;
  exports io.github.stopcopy.migration.lint;
  exports io.github.stopcopy.migration.message;
  exports io.github.stopcopy.migration.reason;
  exports io.github.stopcopy.migration.remedy;
  exports io.github.stopcopy.migration.scenario;
  exports io.github.stopcopy.migration.spi;
  exports io.github.stopcopy.migration.vm;

  uses RuleSetProvider;

  provides RuleSetProvider with
      LintRuleSet,
      QemuRuleSet;
}
