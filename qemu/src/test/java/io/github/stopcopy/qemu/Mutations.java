package io.github.stopcopy.qemu;

import java.util.List;
import java.util.Random;

/** Damages good text at random. */
public final class Mutations {

  private Mutations() {}

  public static String of(String text, Random random, List<String> tokens) {
    StringBuilder damaged = new StringBuilder(text);
    for (int i = 1 + random.nextInt(4); i > 0 && damaged.length() > 0; i--) {
      int at = random.nextInt(damaged.length());
      int end = Math.min(damaged.length(), at + 1 + random.nextInt(20));
      switch (random.nextInt(6)) {
        case 0 -> damaged.delete(at, end);
        case 1 -> damaged.insert(at, tokens.get(random.nextInt(tokens.size())));
        case 2 -> damaged.setCharAt(at, (char) random.nextInt(300));
        case 3 -> damaged.insert(at, damaged.substring(at, end));
        case 4 -> damaged.replace(at, end, tokens.get(random.nextInt(tokens.size())));
        default -> damaged.setLength(at);
      }
    }
    return damaged.toString();
  }
}
