package io.github.stopcopy.migration.scenario;

import io.github.stopcopy.core.event.EventList;
import io.github.stopcopy.migration.vm.DeviceFinding;
import io.github.stopcopy.migration.vm.Vm;
import java.util.List;
import java.util.Optional;

/**
 * A scenario that was played.
 *
 * @param scenario what was played
 * @param vm the VM as it is now
 * @param answers an answer for each step that QEMU lived to see
 * @param migrated whether a migration was attempted
 * @param refusedMigration why the last {@code migrate} was refused that counts: not one that came
 *     while another migration ran or had completed, and was refused for that
 * @param refusedAfterCompletion why a {@code migrate} was refused that came while another migration
 *     ran or had completed
 * @param sinceMigrate what happened from the last {@code migrate} on that counts
 */
public record Story(
    Scenario scenario,
    Vm vm,
    List<StepAnswer> answers,
    boolean migrated,
    Optional<DeviceFinding> refusedMigration,
    Optional<DeviceFinding> refusedAfterCompletion,
    EventList sinceMigrate) {

  /** Copies the list of answers. */
  public Story {
    answers = List.copyOf(answers);
  }
}
