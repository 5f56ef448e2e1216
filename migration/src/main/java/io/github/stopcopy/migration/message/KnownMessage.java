package io.github.stopcopy.migration.message;

import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.migration.reason.ReasonCode;
import java.util.List;
import java.util.Optional;

/**
 * A message of QEMU or libvirt, with holes in braces for what is another word each time.
 *
 * @param speaker who says it
 * @param text the text, with {@code {device}}, {@code {number}}, {@code {hex}}, {@code {ptr}},
 *     {@code {word}}, {@code {words}} or {@code {text}} for what changes
 * @param codes the reasons that it can stand for, the likeliest first; none where it is of no
 *     concern to the migration
 * @param since the first release that says it; empty: all from 8.1 on, or not QEMU
 * @param until the last release that says it, inclusive; empty: the newest says it too
 * @param note what there is to know of it beside its codes; empty if nothing
 */
public record KnownMessage(
    Speaker speaker,
    String text,
    List<ReasonCode> codes,
    Optional<QemuProfile> since,
    Optional<QemuProfile> until,
    String note) {

  /** Copies the list. */
  public KnownMessage {
    codes = List.copyOf(codes);
  }

  /** Who says something. */
  public enum Speaker {
    /** QEMU, on stderr, in answers to commands, or in {@code query-migrate}. */
    QEMU("QEMU"),
    /** libvirt, in its log or as the error of {@code virsh}. */
    LIBVIRT("libvirt");

    private final String name;

    Speaker(String name) {
      this.name = name;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static KnownMessage qemu(String text, ReasonCode... codes) {
    return of(Speaker.QEMU, text, codes);
  }

  static KnownMessage libvirt(String text, ReasonCode... codes) {
    return of(Speaker.LIBVIRT, text, codes);
  }

  private static KnownMessage of(Speaker speaker, String text, ReasonCode... codes) {
    return new KnownMessage(speaker, text, List.of(codes), Optional.empty(), Optional.empty(), "");
  }

  KnownMessage from(QemuProfile first) {
    return new KnownMessage(speaker, text, codes, Optional.of(first), until, note);
  }

  KnownMessage upTo(QemuProfile last) {
    return new KnownMessage(speaker, text, codes, since, Optional.of(last), note);
  }

  KnownMessage only(QemuProfile profile) {
    return from(profile).upTo(profile);
  }

  KnownMessage noted(String more) {
    return new KnownMessage(speaker, text, codes, since, until, more);
  }

  /** Whether a release says it; what libvirt says does not depend on it. */
  public boolean isSaidBy(QemuProfile profile) {
    return since.map(profile::isFrom).orElse(true)
        && until.map(last -> last.isFrom(profile)).orElse(true);
  }

  /** The releases in words, such as {@code 8.1 to 9.0}; who says it if that is not QEMU. */
  public String said() {
    if (speaker != Speaker.QEMU) {
      return speaker.toString();
    }
    String first = since.map(QemuProfile::id).orElse(QemuProfile.V8_1.id());
    if (until.isEmpty()) {
      return "QEMU from " + first + " on";
    }
    String last = until.get().id();
    return first.equals(last) ? "QEMU " + first : "QEMU " + first + " to " + last;
  }
}
