/** Named places where a test may halt the process. */
@NullMarked
package dev.strongroom.vault.fault;

import org.jspecify.annotations.NullMarked;
