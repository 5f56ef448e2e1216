package io.github.stopcopy.migration;

import io.github.stopcopy.migration.scenario.Step;
import java.util.ArrayList;
import java.util.List;

/** Puts steps between the boot of a VM and the first look at it. */
final class AfterBoot {

  private AfterBoot() {}

  static List<Step> steps(List<Step> steps, List<Step> more) {
    List<Step> all = new ArrayList<>(steps);
    int at = 0;
    while (at < all.size()
        && (all.get(at) instanceof Step.Boot || all.get(at) instanceof Step.AcceptStandby)) {
      at++;
    }
    all.addAll(at, more);
    return all;
  }
}
