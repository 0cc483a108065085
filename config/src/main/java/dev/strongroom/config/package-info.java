/** One strict reader of configuration files. {@link dev.strongroom.config.Settings#read} starts. */
@NullMarked
package dev.strongroom.config;

import org.jspecify.annotations.NullMarked;
