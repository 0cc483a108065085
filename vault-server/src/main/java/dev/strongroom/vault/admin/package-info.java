/** Health and metrics over HTTP. */
@NullMarked
package dev.strongroom.vault.admin;

import org.jspecify.annotations.NullMarked;
