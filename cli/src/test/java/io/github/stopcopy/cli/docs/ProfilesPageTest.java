package io.github.stopcopy.cli.docs;

import io.github.stopcopy.core.error.InputException;
import io.github.stopcopy.core.plugin.Plugins;
import io.github.stopcopy.core.profile.QemuProfile;
import io.github.stopcopy.core.property.PropertyDefinition;
import io.github.stopcopy.core.property.PropertyType;
import io.github.stopcopy.core.spi.DeviceTypeProvider;
import io.github.stopcopy.vfiopci.environment.VfioBehaviour;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** docs/profiles.md shows how the releases differ, read off the tables that the model uses. */
class ProfilesPageTest {

  @Test
  void pageIsUpToDate() throws IOException, InputException, ReflectiveOperationException {
    StringBuilder page = new StringBuilder();
    page.append("# How the releases differ\n\n")
        .append(
            "Versions are data: each module keeps one table of behaviours per profile. This page"
                + " is")
        .append(
            " generated from them by a\n"
                + "test. A release that is not among them is answered with the")
        .append(" nearest older profile.\n\n## Profiles\n\n");
    header(page, "");
    row(page, "recorded on a binary", profile -> yesNo(profile.isRecorded()));
    row(page, "has unmergeable regions", profile -> yesNo(profile.hasUnmergeableRegions()));

    page.append("\n## VFIO\n\n");
    header(page, "behaviour");
    for (RecordComponent component : VfioBehaviour.class.getRecordComponents()) {
      List<String> cells = new ArrayList<>();
      for (QemuProfile profile : QemuProfile.values()) {
        Object value = component.getAccessor().invoke(VfioBehaviour.of(profile));
        cells.add(value instanceof Boolean flag ? yesNo(flag) : "`" + value + "`");
      }
      line(page, words(component.getName()), cells);
    }
    Plugins plugins = Plugins.load();
    List<DeviceTypeProvider> providers = new ArrayList<>(plugins.deviceTypes().all());
    providers.addAll(plugins.virtualIommus().all());
    providers.sort((a, b) -> a.name().compareTo(b.name()));
    for (DeviceTypeProvider provider : providers) {
      properties(page, provider);
    }
    GeneratedPage.check("profiles.md", page.toString());
  }

  /** The properties that are not the same in every profile. */
  private static void properties(StringBuilder page, DeviceTypeProvider provider) {
    Set<String> names = new LinkedHashSet<>();
    for (QemuProfile profile : QemuProfile.values()) {
      provider.properties(profile).definitions().forEach(property -> names.add(property.name()));
    }
    page.append("\n## Properties of ").append(provider.name()).append(" that differ\n\n");
    header(page, "property, with its default");
    for (String name : names) {
      List<String> cells = new ArrayList<>();
      for (QemuProfile profile : QemuProfile.values()) {
        Optional<PropertyDefinition> property = provider.properties(profile).definition(name);
        cells.add(
            property
                .map(found -> found.defaultValue().map(value -> text(found, value)).orElse("unset"))
                .orElse("-"));
      }
      if (cells.stream().distinct().count() > 1) {
        line(page, "`" + name + "`", cells);
      }
    }
  }

  private static void header(StringBuilder page, String first) {
    page.append("| ").append(first).append(" |");
    for (QemuProfile profile : QemuProfile.values()) {
      page.append(' ').append(profile.id()).append(" |");
    }
    page.append("\n|---|").append("---|".repeat(QemuProfile.values().length)).append('\n');
  }

  private static void row(StringBuilder page, String name, Function<QemuProfile, String> cell) {
    List<String> cells = new ArrayList<>();
    for (QemuProfile profile : QemuProfile.values()) {
      cells.add(cell.apply(profile));
    }
    line(page, name, cells);
  }

  private static void line(StringBuilder page, String first, List<String> cells) {
    page.append("| ").append(first).append(" | ").append(String.join(" | ", cells)).append(" |\n");
  }

  private static String text(PropertyDefinition property, Object value) {
    if (value instanceof Boolean flag) {
      return flag ? "on" : "off";
    }
    return value instanceof Long number && !(property.type() instanceof PropertyType.Signed)
        ? Long.toUnsignedString(number)
        : value.toString().toLowerCase(Locale.ROOT);
  }

  private static String yesNo(boolean value) {
    return value ? "yes" : "no";
  }

  /** A name in camel case as words. */
  private static String words(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
  }
}
