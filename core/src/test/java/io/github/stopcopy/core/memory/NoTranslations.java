package io.github.stopcopy.core.memory;

import io.github.stopcopy.core.error.QemuError;
import java.util.Optional;

/** A vIOMMU that translates nothing and accepts every notifier. */
final class NoTranslations implements IommuModel {

  @Override
  public Optional<IotlbEntry> translate(long iova, IommuAccess access) {
    return Optional.empty();
  }

  @Override
  public Optional<QemuError> notifierFlagsChanged(NotifierFlags before, NotifierFlags after) {
    return Optional.empty();
  }
}
