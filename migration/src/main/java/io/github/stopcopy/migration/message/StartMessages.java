package io.github.stopcopy.migration.message;

import static io.github.stopcopy.core.profile.QemuProfile.V10_0;
import static io.github.stopcopy.core.profile.QemuProfile.V10_1;
import static io.github.stopcopy.core.profile.QemuProfile.V10_2;
import static io.github.stopcopy.core.profile.QemuProfile.V11_0;
import static io.github.stopcopy.core.profile.QemuProfile.V11_1;
import static io.github.stopcopy.core.profile.QemuProfile.V8_2;
import static io.github.stopcopy.core.profile.QemuProfile.V9_0;
import static io.github.stopcopy.core.profile.QemuProfile.V9_1;
import static io.github.stopcopy.core.profile.QemuProfile.V9_2;
import static io.github.stopcopy.migration.message.KnownMessage.qemu;
import static io.github.stopcopy.migration.reason.ReasonCode.CONTAINER_SETUP_FAILED;
import static io.github.stopcopy.migration.reason.ReasonCode.DESTINATION_MACHINE_TYPE_UNKNOWN;
import static io.github.stopcopy.migration.reason.ReasonCode.GROUP_IN_TWO_ADDRESS_SPACES;
import static io.github.stopcopy.migration.reason.ReasonCode.INVALID_CONFIGURATION;
import static io.github.stopcopy.migration.reason.ReasonCode.MACHINE_TYPE_UNSUPPORTED;
import static io.github.stopcopy.migration.reason.ReasonCode.PHYS_BITS_TOO_LOW;
import static io.github.stopcopy.migration.reason.ReasonCode.TOO_MANY_VCPUS;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_MISCONFIGURED;
import static io.github.stopcopy.migration.reason.ReasonCode.VIOMMU_REFUSES_DEVICE;

import java.util.List;

/** Why QEMU does not start, or refuses a device. */
final class StartMessages {

  static final List<KnownMessage> ALL =
      List.of(
          qemu(
                  "We need to set caching-mode=on for intel-iommu to enable device assignment with"
                      + " IOMMU protection.",
                  VIOMMU_REFUSES_DEVICE)
              .upTo(V10_1),
          qemu("Failed to set iommu_device: {text}", VIOMMU_REFUSES_DEVICE).from(V9_1).upTo(V9_2),
          qemu("Failed to set vIOMMU: {text}", VIOMMU_REFUSES_DEVICE).from(V10_0),
          qemu(
                  "Failed to set vIOMMU: Device assignment is not allowed without enabling"
                      + " caching-mode=on for Intel IOMMU.",
                  VIOMMU_REFUSES_DEVICE)
              .from(V10_2),
          qemu(
                  "Failed to set iommu_device: aw-bits {number} > host aw-bits {number}",
                  VIOMMU_REFUSES_DEVICE)
              .from(V9_1)
              .upTo(V9_2),
          qemu(
                  "Failed to set vIOMMU: aw-bits {number} > host aw-bits {number}",
                  VIOMMU_REFUSES_DEVICE)
              .from(V10_0),
          qemu(
                  "Failed to set vIOMMU: host device is uncompatible with stage-1 translation",
                  VIOMMU_REFUSES_DEVICE)
              .from(V10_0)
              .upTo(V10_2),
          qemu("Failed to set vIOMMU: Need IOMMUFD backend when {word}", VIOMMU_REFUSES_DEVICE)
              .from(V11_0),
          qemu(
                  "Failed to set vIOMMU: Incompatible host platform IOMMU type {number}",
                  VIOMMU_REFUSES_DEVICE)
              .from(V11_0),
          qemu("virtio-iommu{text} reports a page size mask {text}", VIOMMU_REFUSES_DEVICE),
          qemu("virtio-iommu{text} does not support frozen granule {text}", VIOMMU_REFUSES_DEVICE),
          qemu(
              "failed to setup container for group {number}: memory listener initialization failed:"
                  + " Region {text}",
              CONTAINER_SETUP_FAILED),
          qemu("memory listener initialization failed: Region {text}", CONTAINER_SETUP_FAILED)
              .noted("Of a device on iommufd."),
          qemu("No available IOMMU models", CONTAINER_SETUP_FAILED),
          qemu("Failed to allocate hwpt: {words}", CONTAINER_SETUP_FAILED)
              .from(V9_0)
              .noted("Of a device on iommufd."),
          qemu("requires iommu notifier which is not currently supported", CONTAINER_SETUP_FAILED)
              .noted("An amd-iommu that tells devices of no mappings."),
          qemu("requires dma-remap=1: Operation not supported", CONTAINER_SETUP_FAILED).from(V10_2),
          qemu("requires caching mode: Operation not supported", CONTAINER_SETUP_FAILED),
          qemu("Snoop Control with vhost or VFIO is not supported", CONTAINER_SETUP_FAILED),
          qemu("group {number} used in multiple address spaces", GROUP_IN_TWO_ADDRESS_SPACES),
          qemu("Address space limit {hex} < {hex} phys-bits too low ({number})", PHYS_BITS_TOO_LOW),
          qemu(
              "current -smp configuration requires kernel irqchip and X2APIC API support.",
              TOO_MANY_VCPUS),
          qemu(
              "unsupported machine type: \"{word}\"",
              MACHINE_TYPE_UNSUPPORTED,
              DESTINATION_MACHINE_TYPE_UNKNOWN),
          qemu("Supported values for aw-bits are: 39, 48", VIOMMU_MISCONFIGURED).upTo(V9_2),
          qemu("Legacy mode: supported values for aw-bits are: 39, 48", VIOMMU_MISCONFIGURED)
              .from(V10_0),
          qemu(
                  "Scalable mode({word}): supported values for aw-bits are: 39, 48",
                  VIOMMU_MISCONFIGURED)
              .from(V10_0),
          qemu("Scalable mode({word}): supported value for aw-bits is: 48", VIOMMU_MISCONFIGURED)
              .from(V10_0),
          qemu("{word} is only available in scalable mode", VIOMMU_MISCONFIGURED).from(V10_0),
          qemu("aw-bits must be within [32,64]", VIOMMU_MISCONFIGURED).from(V9_0),
          qemu("PASID based device IOTLB is not supported", VIOMMU_MISCONFIGURED),
          qemu("eim=on cannot be selected without intremap=on", VIOMMU_MISCONFIGURED),
          qemu("eim=on requires accel=kvm,kernel-irqchip=split", VIOMMU_MISCONFIGURED).upTo(V8_2),
          qemu("eim=on requires support on the KVM side", VIOMMU_MISCONFIGURED),
          qemu("Need to set {word} for scalable mode", VIOMMU_MISCONFIGURED),
          qemu("Need to set scalable mode for PASID", VIOMMU_MISCONFIGURED),
          qemu("Need to set device IOTLB for svm", VIOMMU_MISCONFIGURED).from(V11_0),
          qemu("Need to set PASID support for svm", VIOMMU_MISCONFIGURED).from(V11_0),
          qemu("Need to set {word} for svm", VIOMMU_MISCONFIGURED).from(V11_0),
          qemu(
                  "PASID width {number} exceeds Max PASID Width {number} allowed in PCI spec",
                  VIOMMU_MISCONFIGURED)
              .from(V11_1),
          qemu(
              "Interrupt Remapping cannot work with kernel-irqchip=on, please use 'split|off'.",
              VIOMMU_MISCONFIGURED),
          qemu("AMD IOMMU with x2APIC {word} requires xtsup=on", VIOMMU_MISCONFIGURED).from(V9_2),
          qemu("Machine-type '{word}' not supported by IOMMU", VIOMMU_MISCONFIGURED),
          qemu("QEMU does not support multiple vIOMMUs for x86 yet.", VIOMMU_MISCONFIGURED),
          qemu("Property '{word}' not found", INVALID_CONFIGURATION)
              .noted(
                  "The release has no such property: perhaps another one has it, see"
                      + " docs/profiles.md."),
          qemu("Property '{word}' is not writable", INVALID_CONFIGURATION),
          qemu("Property '{word}' doesn't take value '{text}'", INVALID_CONFIGURATION),
          qemu("Property {word}: valid range {text}", INVALID_CONFIGURATION),
          qemu("Parameter '{word}' expects {words}", INVALID_CONFIGURATION),
          qemu("Parameter '{word}' does not accept value '{word}'", INVALID_CONFIGURATION),
          qemu("Invalid parameter type for '{word}', expected: {words}", INVALID_CONFIGURATION),
          qemu("is not a valid device model name", INVALID_CONFIGURATION),
          qemu("device is already attached", INVALID_CONFIGURATION),
          qemu("No provided host device", INVALID_CONFIGURATION),
          qemu("Use -device vfio-pci,host=DDDD:BB:DD.F {text}", INVALID_CONFIGURATION)
              .noted("The hint behind \"No provided host device\"."),
          qemu("no iommu_group found: {words}", INVALID_CONFIGURATION)
              .noted("The host gives the device to no IOMMU group: no IOMMU, or it is off."),
          qemu("/dev/iommu does not exist", INVALID_CONFIGURATION)
              .from(V9_0)
              .noted("The host's kernel has no iommufd."),
          qemu(
              "x-balloon-allowed only potentially compatible with mdev devices",
              INVALID_CONFIGURATION),
          qemu("invalid PCI {words} ID provided", INVALID_CONFIGURATION),
          qemu("ramfb=on requires display=on", INVALID_CONFIGURATION),
          qemu("xres and yres properties {text}", INVALID_CONFIGURATION),
          qemu("x-ramfb-migrate requires enable-migration", INVALID_CONFIGURATION).from(V8_2),
          qemu("Device with failover_pair_id needs to have id", INVALID_CONFIGURATION),
          qemu("Cannot attach more than one primary device to '{word}'", INVALID_CONFIGURATION),
          qemu("failover primary device must be on PCIExpress bus", INVALID_CONFIGURATION),
          qemu("failover primary device is not an Ethernet device", INVALID_CONFIGURATION)
              .noted("As a warning the device only stays out."),
          qemu("failover: primary device must be in its own PCI slot", INVALID_CONFIGURATION),
          qemu("Duplicate device ID '{word}'", INVALID_CONFIGURATION),
          qemu(
              "attempt to add duplicate property '{word}' to object (type 'container')",
              INVALID_CONFIGURATION),
          qemu("PCI: no slot/function available for {word}", INVALID_CONFIGURATION),
          qemu(
              "PCI: slot {number} function {number} not available for {word}",
              INVALID_CONFIGURATION),
          qemu("Duplicate ID '{word}' for {word}", INVALID_CONFIGURATION),
          qemu("You must specify a 'memdev'", INVALID_CONFIGURATION),
          qemu(
              "Invalid SMP CPUs {number}. The max CPUs supported by machine '{word}' is {number}",
              TOO_MANY_VCPUS),
          qemu("nvdimm is not enabled: missing 'nvdimm' in '-M'", INVALID_CONFIGURATION),
          qemu("slot {number} is busy", INVALID_CONFIGURATION),
          qemu("invalid slot number {number}, valid range is {text}", INVALID_CONFIGURATION),
          qemu("Bus '{word}' not found", INVALID_CONFIGURATION),
          qemu("Device '{word}' not found", INVALID_CONFIGURATION)
              .noted("As the answer to device_del: the VM has no device with that id."),
          qemu("Bus '{word}' does not support hotplugging", INVALID_CONFIGURATION)
              .noted("As the answer to device_add or device_del it is of no concern."));

  private StartMessages() {}
}
