/** Tenants, models, versions, policies and keys in SQLite, one writer. */
@NullMarked
package dev.strongroom.vault.catalog;

import org.jspecify.annotations.NullMarked;
