package io.github.stopcopy.live.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes the files of a host below a folder. */
record Tree(Path root) {

  Tree file(String path, String text) throws IOException {
    return file(path, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Tree file(String path, byte[] bytes) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
    return this;
  }

  Tree link(String path, String target) throws IOException {
    Path link = root.resolve(path);
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, Path.of(target));
    return this;
  }

  Tree folder(String path) throws IOException {
    Files.createDirectories(root.resolve(path));
    return this;
  }

  /** A device with a driver and a group. */
  Tree device(String address, String driver, int group) throws IOException {
    String folder = PciDevice.FOLDER + "/" + address + "/";
    return file(folder + "vendor", "0x15b3\n")
        .file(folder + "device", "0x101e\n")
        .file(folder + "class", "0x020000\n")
        .link(folder + "driver", "../../../bus/pci/drivers/" + driver)
        .link(folder + "iommu_group", "../../../kernel/iommu_groups/" + group);
  }

  HostTree files() throws IOException {
    return new HostTree(root.toRealPath());
  }
}
