package io.github.stopcopy.vfiopci.subsystem;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.github.stopcopy.core.host.HostContainer;
import io.github.stopcopy.core.host.HostFacts;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.vfiopci.kernel.KernelContainer;
import io.github.stopcopy.vfiopci.kernel.KernelDevice;
import io.github.stopcopy.vfiopci.kernel.VfioKernel;
import java.util.Optional;

/** A kernel whose container is a mock that can everything unless told otherwise. */
public final class MockedKernel {
  public final VfioKernel kernel = mock(VfioKernel.class);
  public final KernelContainer container = mock(KernelContainer.class);
  public final KernelDevice device = mock(KernelDevice.class);

  public MockedKernel() {
    when(kernel.openContainer(anyBoolean())).thenReturn(container);
    when(kernel.openDevice(anyString())).thenReturn(device);
    when(container.info()).thenReturn(HostContainer.CAPABLE);
    when(container.addGroup(anyInt())).thenReturn(Optional.empty());
    when(container.map(any())).thenReturn(Optional.empty());
    when(container.unmap(anyLong(), anyLong())).thenReturn(Optional.empty());
    when(container.unmapAll()).thenReturn(Optional.empty());
    when(container.setDirtyTracking(anyBoolean())).thenReturn(Optional.empty());
  }

  public TestVm vm(QemuProfile profile) {
    return TestVm.of(profile, HostFacts.CAPABLE, kernel);
  }
}
