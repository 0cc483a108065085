package dev.strongroom.vault;

import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.Meta;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import org.jdbi.v3.core.JdbiException;

/**
 * What a data folder belongs to: one token, one attestation root, one process at a time. A folder
 * born under a test root stays so.
 */
final class DataFolder {
    private DataFolder() {}

    /** Keeps other vaults out of the folder for as long as the channel is open. */
    static FileChannel lock(Path dataDir) throws IOException, StartupException {
        var channel =
                FileChannel.open(
                        dataDir.resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        if (!isLocked(channel)) {
            channel.close();
            throw new StartupException(
                    Exit.OTHER,
                    "data folder " + dataDir + " is in use by another vault; stop that one first");
        }
        return channel;
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // the other vault is in this process
        }
    }

    static Database open(Path dataDir) throws IOException, StartupException {
        Database database;
        try {
            database = Database.open(dataDir);
        } catch (RuntimeException e) {
            throw damaged(dataDir, e);
        }
        try {
            if (!database.isIntact()) {
                throw new StartupException(Exit.INTEGRITY, damage(dataDir));
            }
            return database;
        } catch (JdbiException e) {
            database.close();
            throw damaged(dataDir, e);
        } catch (StartupException e) {
            database.close();
            throw e;
        }
    }

    private static StartupException damaged(Path dataDir, RuntimeException cause) {
        return new StartupException(Exit.INTEGRITY, damage(dataDir), cause);
    }

    private static String damage(Path dataDir) {
        return "the database in "
                + dataDir
                + " is damaged or not a vault's; restore the data folder from a backup";
    }

    /** Refuses a folder that was born under another attestation root. */
    static void requireRoot(Database database, EvidenceVerifier verifier) throws StartupException {
        String root = require(database, Meta.ATTESTATION_ROOT);
        if (root.equals(verifier.rootFingerprint().hex())) {
            return;
        }
        boolean simulated = require(database, Meta.TEE).equals(Tee.SIMULATED.label());
        throw new StartupException(
                Exit.INTEGRITY,
                simulated
                        ? "the data folder was made under a simulated TEE's test root and can only"
                                + " be served under it; make a new folder for this vault"
                        : "the data folder was made under other attestation roots than this"
                                + " vault's; start it with the vault that made it");
    }

    static String require(Database database, Meta fact) throws StartupException {
        return database.read(fact::read)
                .orElseThrow(() ->
                        new StartupException(
                                Exit.USAGE,
                                "the data folder was never finished; run vault init with"
                                        + " a new folder and a new token"));
    }

    /** The identity that clients pin, once the token's own ceremony key confirms it. */
    static VaultIdentity requireIdentity(byte[] envelope, TokenSigner ceremony)
            throws StartupException {
        try {
            VaultIdentity identity = VaultIdentity.verify(Dsse.decode(envelope), ceremony.keyId());
            identity.caCertificates().forEach(CertificateAuthority::parse);
            return identity;
        } catch (SealedFormatException | IllegalStateException e) {
            throw notOurs(e);
        }
    }

    /** What the ceremony key signed about the vault, not what a row says, decides. */
    static void requireSame(VaultIdentity identity, EvidenceVerifier verifier, TrustLevel level)
            throws StartupException {
        if (identity.tee() != verifier.tee()
                || !identity.attestationRoot().equals(verifier.rootFingerprint())) {
            throw new StartupException(
                    Exit.INTEGRITY,
                    "the vault's signed identity is of TEE "
                            + identity.tee().label()
                            + " under roots "
                            + identity.attestationRoot()
                            + ", and it was started under others: the database was changed; restore"
                            + " the data folder from a backup");
        }
        if (identity.level() != level) {
            throw new StartupException(
                    Exit.INTEGRITY,
                    "the vault's signed identity is of trust level "
                            + identity.level()
                            + ", the token is at "
                            + level
                            + "; start it with the token it was made with");
        }
    }

    private static StartupException notOurs(Exception cause) {
        return new StartupException(
                Exit.INTEGRITY,
                "the data folder's identity is not signed by this token's keys: the token was"
                        + " exchanged or the database was changed; restore both from one backup",
                cause);
    }

    static byte[] unhex(String hex) throws StartupException {
        try {
            return HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            throw notOurs(e);
        }
    }
}
