#!/bin/sh
# Records what libvirt itself makes of the domain XMLs in ../resources/libvirt: NAME.stored is NAME.xml with all
# that libvirt adds when the domain is defined, NAME.args the command line that `virsh domxml-to-native` makes
# of that. Needs root, virsh and libvirt's QEMU driver with a QEMU; no daemon, no KVM, no devices: the driver
# runs inside virsh and keeps its state in a folder that is removed afterwards.
set -eu

command -v virsh > /dev/null || { echo "record.sh: no virsh, nothing recorded" >&2; exit 1; }
# libvirt uses huge pages only where they are mounted: in a mount namespace of our own.
if [ "${1:-}" != --mounted ]; then
  exec unshare --mount "$0" --mounted
fi

here=$(cd "$(dirname "$0")" && pwd)
fixtures=$(cd "$here/../resources/libvirt" && pwd)
state=/var/tmp/stopcopy-libvirt
rm -rf "$state"
mkdir -p "$state/etc" "$state/huge2m" "$state/huge1g"
trap 'umount "$state"/huge*; rm -rf "$state"' EXIT
mount -t hugetlbfs -o pagesize=2M none "$state/huge2m"
mount -t hugetlbfs -o pagesize=1G none "$state/huge1g"
cat > "$state/etc/qemu.conf" << END
user = "root"
group = "root"
security_driver = "none"
hugetlbfs_mount = ["$state/huge2m", "$state/huge1g"]
END

ask() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin virsh -q -c "qemu:///embed?root=$state" "$@" 2> "$state/err" || {
    cat "$state/err" >&2
    echo "record.sh: failed: virsh $*" >&2
    return 1
  }
}

# domxml-to-native of libvirt 9.0 takes an <interface type='hostdev'> for a tap device and fails. It is given the
# <hostdev> that libvirt's documentation says is the same: without MAC address and VLAN, which the host sets.
as_hostdev() {
  awk '
    /<interface type=.hostdev./ {
      inside = 1
      sub(/<interface type=.hostdev./, "<hostdev mode=\047subsystem\047 type=\047pci\047")
    }
    inside && /<vlan/ { vlan = 1 }
    inside && /<source>/ { source = 1 }
    inside && source { sub(/ type=.pci./, "") }
    inside && /<\/source>/ { source = 0 }
    inside && /<\/interface>/ { sub(/interface/, "hostdev"); inside = 0 }
    !vlan && !(inside && /<mac /) { print }
    /<\/vlan>/ { vlan = 0 }' "$1"
}

failed=0
for xml in "$fixtures"/*.xml; do
  name=$(basename "$xml" .xml)
  domain=$(sed -n 's:^  <name>\(.*\)</name>$:\1:p' "$xml" | head -n 1)
  ask define "$xml" > /dev/null &&
    ask dumpxml --inactive --security-info "$domain" > "$state/stored" &&
    as_hostdev "$state/stored" > "$state/native.xml" &&
    ask domxml-to-native qemu-argv "$state/native.xml" > "$state/args" &&
    mv "$state/stored" "$fixtures/$name.stored" &&
    mv "$state/args" "$fixtures/$name.args" ||
    failed=1
done
ask version
exit $failed
