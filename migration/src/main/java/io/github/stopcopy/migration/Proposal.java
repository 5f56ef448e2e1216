package io.github.stopcopy.migration;

import io.github.stopcopy.migration.remedy.RemedyChange;
import io.github.stopcopy.migration.remedy.RemedyNeed;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * A set of changes that reaches the goal, of which no smaller part does. The model has played
 * exactly {@link #changes}; {@code MigrationCheck.apply} plays them again.
 *
 * @param texts what to change, a sentence for each decision in the set
 * @param changes the same as data, in the order in which they are made
 * @param command the options of {@code stopcopy check} that try it; empty where no option can
 * @param libvirt the XML to add to the domain, for what is not the host's; empty where libvirt has
 *     no way, or the VM is not libvirt's
 * @param needs what it asks of people; empty where the running VM takes it
 * @param verdict the answer after the changes
 * @param codes the codes of the reasons that are left then, each once
 * @param assumes what that answer rests on, in plain words
 * @param trackedBytes how many bytes of address space devices are asked to track then; empty where
 *     none is asked to track
 */
public record Proposal(
    List<String> texts,
    List<RemedyChange> changes,
    Optional<String> command,
    Optional<String> libvirt,
    List<RemedyNeed> needs,
    VerdictKind verdict,
    List<String> codes,
    List<String> assumes,
    Optional<BigInteger> trackedBytes) {

  /** Copies the lists. */
  public Proposal {
    texts = List.copyOf(texts);
    changes = List.copyOf(changes);
    needs = List.copyOf(needs);
    codes = List.copyOf(codes);
    assumes = List.copyOf(assumes);
  }
}
