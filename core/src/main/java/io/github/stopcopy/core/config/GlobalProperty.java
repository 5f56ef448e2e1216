package io.github.stopcopy.core.config;

import io.github.stopcopy.core.property.PropertySetting;

/**
 * One {@code -global} option: a default for every device of a type.
 *
 * @param driver the device type
 * @param setting the property and its value
 */
public record GlobalProperty(String driver, PropertySetting setting) {}
