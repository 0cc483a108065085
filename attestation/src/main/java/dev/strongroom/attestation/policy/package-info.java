/** What an owner demands of evidence before a key is released: a closed grammar, default deny. */
@NullMarked
package dev.strongroom.attestation.policy;

import org.jspecify.annotations.NullMarked;
