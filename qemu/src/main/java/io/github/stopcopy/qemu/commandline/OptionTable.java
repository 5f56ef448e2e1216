package io.github.stopcopy.qemu.commandline;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The names of QEMU's options, those of current releases and those of releases gone by, and {@code
 * -id}, which Proxmox VE adds.
 */
final class OptionTable {

  private static final Set<String> WITHOUT_VALUE =
      Set.of(
          ("? h help version nodefaults no-user-config nouserconfig enable-kvm no-kvm"
                  + " no-kvm-irqchip no-kvm-pit no-kvm-pit-reinjection only-migratable preconfig"
                  + " nographic curses sdl full-screen no-frame no-quit alt-grab ctrl-grab portrait"
                  + " usb snapshot no-fd-bootchk no-acpi no-hpet win2k-hack rtc-td-hack tdf"
                  + " no-reboot no-shutdown S s singlestep daemonize localtime mem-prealloc"
                  + " semihosting enable-fips enable-sync-profile async-teardown old-param"
                  + " xen-attach xen-create xen-domid-restrict virtfs_synth show-cursor enable-hax"
                  + " perfmap jitdump")
              .split(" "));

  private static final Set<String> WITH_VALUE =
      Set.of(
          ("machine M cpu accel smp numa add-fd set global boot m mem-path k audio audiodev soundhw"
                  + " bt device name uuid fda fdb hda hdb hdc hdd cdrom blockdev drive"
                  + " mtdblock sd pflash hdachs fsdev virtfs iscsi usbdevice display"
                  + " spice rotate vga g vnc acpitable smbios netdev nic net tftp bootp redir smb"
                  + " chardev tpmdev kernel shim append initrd dtb compat fw_cfg serial parallel"
                  + " monitor qmp qmp-pretty mon debugcon pidfile virtioconsole D d dfilter seed L"
                  + " bios option-rom xen-domid prom-env icount watchdog watchdog-action echr"
                  + " balloon incoming semihosting-config plugin trace qtest qtest-log msg"
                  + " dump-vmstate object readconfig writeconfig action rtc clock startdate loadvm"
                  + " tb-size id chroot runas run-with sandbox overcommit realtime")
              .split(" "));

  /** Options that can decide the answer and are long enough to be told from a typing error. */
  private static final List<String> DECISIVE =
      List.of("device", "machine", "object", "global", "readconfig");

  private OptionTable() {}

  /** Whether an option of any release may be called so; none has a sign in its name. */
  static boolean mayBe(String name) {
    return name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '-' || c == '_');
  }

  /** The option that was meant, if the name is one of those but for a typing error. */
  static Optional<String> meant(String name) {
    String plain = name.split("[=,:]", 2)[0];
    String nearest = DeviceNames.nearest(plain, DECISIVE);
    return DECISIVE.contains(nearest) ? Optional.of(nearest) : Optional.empty();
  }

  /** Whether QEMU has an option of this name, given without dashes. */
  static boolean knows(String name) {
    return WITHOUT_VALUE.contains(name) || WITH_VALUE.contains(name);
  }

  /** Whether the option of this name takes the word that follows, whatever that is. */
  static boolean takesValue(String name) {
    return WITH_VALUE.contains(name);
  }

  /** The name of an option without its one or two dashes. */
  static String name(Word option) {
    return option.text().substring(option.text().startsWith("--") ? 2 : 1);
  }
}
