#!/bin/sh
# one VM with a virtual function of the network card
exec qemu-system-x86_64 \
  -name vm42 \
  -machine q35,accel=kvm -cpu host -smp 4 -m 8G \
  -nodefaults \
  -device pcie-root-port,id=rp1,chassis=1,slot=1 \
  -device vfio-pci,host=0000:3b:00.2,id=vf0,bus=rp1 \
  -drive file=/srv/vm42.qcow2,if=virtio
