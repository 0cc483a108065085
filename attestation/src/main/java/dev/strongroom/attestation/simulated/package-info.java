/** The one door for a test root. Exported to the testkit and to nobody else. */
@NullMarked
package dev.strongroom.attestation.simulated;

import org.jspecify.annotations.NullMarked;
