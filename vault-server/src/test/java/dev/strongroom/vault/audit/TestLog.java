package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.refusal.StartupException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.InstantSource;

/** A log without a vault around it, under a key of its own. */
public record TestLog(AuditLog log, StatementSigner signer) {
    public static TestLog open(Database database, InstantSource clock) throws StartupException {
        KeyPair key = P256.newKeyPair(new SecureRandom());
        StatementSigner signer = P256.signer(key);
        return new TestLog(
                AuditLog.open(
                        database,
                        LogSigner.of("strongroom/test", signer, key.getPublic().getEncoded()),
                        new TailKey(new byte[32]),
                        Witnesses.none(),
                        clock),
                signer);
    }
}
