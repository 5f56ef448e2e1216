package io.github.stopcopy.migration.spi;

import io.github.stopcopy.core.profile.QemuProfile;
import java.util.List;

/**
 * An ordered set of rules. The set named "qemu" decides; any other runs only when it is named, and
 * what it says stands beside the decision without changing it. Found by {@link
 * java.util.ServiceLoader} or made with {@code new}; implementations are final, have a public
 * constructor without arguments and are thread-safe.
 */
public interface RuleSetProvider {

  /** The name; two sets with one name are an error. */
  String name();

  /** The rules for a release in their order, which are asked about each device. */
  List<MigrationRule> rules(QemuProfile profile);

  /** The rules for a release that are asked once, about the whole VM; none by default. */
  default List<VmRule> vmRules(QemuProfile profile) {
    return List.of();
  }
}
