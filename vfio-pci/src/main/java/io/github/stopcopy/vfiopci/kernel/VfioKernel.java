package io.github.stopcopy.vfiopci.kernel;

/**
 * The kernel's side of VFIO: the port through which the model asks for everything that only a host
 * can answer. Used on the model's thread.
 */
public interface VfioKernel {

  /** The IOMMU group of a device. */
  int group(String device);

  /** A new container without groups, of type1 or for an iommufd. */
  KernelContainer openContainer(boolean iommufd);

  /** A device; asking again gives it anew, in state RUNNING. */
  KernelDevice openDevice(String device);
}
