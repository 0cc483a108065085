package dev.strongroom.vault.rotation;

import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.catalog.Database;
import java.time.InstantSource;

/**
 * What rotations stand on.
 *
 * @param batch records moved at a time; one audit record names them all
 */
record Desk(
        Database database, AuditLog log, KeyCustodian custodian, int batch, InstantSource clock) {}
