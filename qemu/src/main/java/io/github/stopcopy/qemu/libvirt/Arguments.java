package io.github.stopcopy.qemu.libvirt;

import java.util.ArrayList;
import java.util.List;

/** The words of a QEMU command line, each with the line of the XML it comes from. */
final class Arguments {

  private final List<String> words = new ArrayList<>();
  private final List<Integer> lines = new ArrayList<>();

  void add(String option, String value, int line) {
    add(option, line);
    add(value, line);
  }

  void add(String word, int line) {
    words.add(word);
    lines.add(line);
  }

  void device(QemuDevice device) {
    add("-device", device.toJson(), device.line());
  }

  void object(QemuDevice object) {
    add("-object", object.toJson(), object.line());
  }

  void addAll(Arguments more) {
    words.addAll(more.words);
    lines.addAll(more.lines);
  }

  List<String> words() {
    return words;
  }

  List<Integer> lines() {
    return lines;
  }
}
