/** Tenants, their keys' certificates and the identities of callers. */
@NullMarked
package dev.strongroom.vault.tenancy;

import org.jspecify.annotations.NullMarked;
