package io.github.stopcopy.core.plugin;

import io.github.stopcopy.core.guard.PluginText;
import io.github.stopcopy.core.guard.VisibleText;
import java.lang.module.ModuleDescriptor;
import java.util.Optional;

/**
 * What is known of a plugin.
 *
 * @param name the name it is chosen by
 * @param className its class
 * @param origin the jar or folder it comes from, else its module
 * @param version the version of its module, else what the manifest of its jar says; of several jars
 *     with classes in one package the first that was used counts
 */
public record PluginDescription(
    String name, String className, String origin, Optional<String> version) {

  static PluginDescription of(String name, Object provider) {
    Class<?> type = provider.getClass();
    Optional<String> ofModule =
        Optional.ofNullable(type.getModule().getDescriptor()).flatMap(ModuleDescriptor::rawVersion);
    return new PluginDescription(
        name,
        PluginText.oneLine(type.getName()),
        VisibleText.of(ProviderSet.origin(provider)),
        ofModule
            .or(() -> Optional.ofNullable(type.getPackage().getImplementationVersion()))
            .map(PluginText::oneLine));
  }
}
