package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.SignatureException;

/**
 * An approver's own key: an ECDSA P-256 key in a file of mode 0600. It says who approves, whichever
 * certificate the call is made with.
 *
 * <p>Thread-safe.
 */
public final class ApproverKey implements PersonalKey {
    private static final String SECRET = "approver.pem";
    private static final String PUBLIC = "approver.pub.pem";

    private final KeyFile key;

    private ApproverKey(KeyFile key) {
        this.key = key;
    }

    /**
     * Makes a new key in a folder, which may be a context folder.
     *
     * @throws ClientException of kind CONFLICT when there is one: it is never overwritten
     */
    public static ApproverKey create(Path folder, SecureRandom random)
            throws ClientException, IOException {
        return new ApproverKey(KeyFile.create(folder.resolve(SECRET), publicHalf(folder), random));
    }

    /** Reads the key of a folder. */
    public static ApproverKey load(Path folder) throws ClientException, IOException {
        if (!Files.isRegularFile(folder.resolve(SECRET))) {
            throw new ClientException(
                    ClientException.Kind.DENIED,
                    "no approver key in " + folder,
                    "strongroom approver init --context " + folder);
        }
        return new ApproverKey(KeyFile.load(folder.resolve(SECRET), publicHalf(folder)));
    }

    /** Where the public half of a folder's key is. */
    public static Path publicHalf(Path folder) {
        return folder.resolve(PUBLIC);
    }

    /** What a roster or a policy names this approver by. */
    @Override
    public Digest keyId() {
        return key.keyId();
    }

    @Override
    public byte[] spki() {
        return key.spki();
    }

    @Override
    public byte[] sign(byte[] message) throws SignatureException {
        return key.sign(message);
    }

    @Override
    public String toString() {
        return "ApproverKey[" + keyId() + "]";
    }
}
