package dev.strongroom.vault.rotation;

import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.vault.access.Foreground;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.catalog.Database;
import java.time.InstantSource;

/**
 * What a rotation works with.
 *
 * @param batch records moved at a time; one audit record names them all
 * @param foreground the calls that a rotation with a share of the token gives way to
 */
record Resources(
        Database database,
        AuditLog log,
        KeyCustodian custodian,
        int batch,
        Foreground foreground,
        InstantSource clock) {}
