/**
 * What every service needs before it is one: a strict reader of configuration files, where {@link
 * dev.strongroom.config.Settings#read} starts, and a folder of its own.
 */
@NullMarked
package dev.strongroom.config;

import org.jspecify.annotations.NullMarked;
