#!/bin/sh
# Records what a running QEMU answers to commands that only read, for stopcopy check --qmp-record.
# The words behind it are a command that takes one more word, a request, and prints QEMU's answer:
#   record-qmp.sh virsh qemu-monitor-command DOMAIN >vm.record
#   record-qmp.sh kubectl exec POD -c compute -- virsh qemu-monitor-command 1 >vm.record
set -eu

ask() { # REQUEST COMMAND...: a line of the record; the answer stays in $answer
  request=$1; shift
  answer=$("$@" "$request" </dev/null | tr -d '\r\n')
  case $answer in '{'*) ;; *) echo "no answer to $request" >&2; exit 1 ;; esac
  printf '{"request":%s,"answer":%s}\n' "$request" "$answer"
}
get() { printf '{"execute":"qom-get","arguments":{"path":"%s","property":"%s"}}' "$1" "$2"; }
list() { printf '{"execute":"qom-list","arguments":{"path":"%s"}}' "$1"; }
entries() { printf %s "$answer" | tr '{' '\n' | sed -n 's/^"name": *"\([^"]*\)".*"type": *"\([^"]*\)".*/\1	\2/p'; }

for name in version status migrate accelerators kvm pci migrate-capabilities migrate-parameters memdev \
  memory-devices memory-size-summary hotpluggable-cpus cpus-fast; do
  ask "{\"execute\":\"query-$name\"}" "$@"
done
cpu=$(printf %s "$answer" | sed 's/.*"qom-path": *"\([^"]*device\[0\]\)".*/\1/')
for name in type vendor lm phys-bits; do ask "$(get "$cpu" $name)" "$@"; done
ask '{"execute":"human-monitor-command","arguments":{"command-line":"info mtree -f"}}' "$@"
ask '{"execute":"x-query-ramblock"}' "$@"
for name in type memory smp memory-backend max-ram-below-4g default-bus-bypass-iommu; do ask "$(get /machine $name)" "$@"; done
for name in q35 i440fx; do ask "$(get /machine/$name pci-hole64-size)" "$@"; done
for name in vfio-pci vfio-pci-nohotplug intel-iommu amd-iommu virtio-iommu-pci; do
  ask "{\"execute\":\"device-list-properties\",\"arguments\":{\"typename\":\"$name\"}}" "$@"
done
for folder in /objects /machine/peripheral /machine/peripheral-anon; do
  ask "$(list $folder)" "$@"
  entries | grep 'child<' | while IFS='	' read -r name type; do
    if [ $folder = /objects ]; then continue; fi # query-memdev has their sizes
    ask "{\"execute\":\"qom-list-get\",\"arguments\":{\"paths\":[\"$folder/$name\"]}}" "$@"
    case $answer in *'"return"'*) continue ;; esac # QEMU before 10.1 tells one property at a time
    ask "$(list "$folder/$name")" "$@"
    entries | grep -v 'child<' | while IFS='	' read -r property type; do ask "$(get "$folder/$name" "$property")" "$@"; done
  done
done
