/** Decoys: what nobody has a reason to touch, the alarm when somebody does, and his quarantine. */
@NullMarked
package dev.strongroom.vault.decoy;

import org.jspecify.annotations.NullMarked;
