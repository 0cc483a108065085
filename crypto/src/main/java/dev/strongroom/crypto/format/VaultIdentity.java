package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.security.SignatureException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The vault's other keys, named by its ceremony key: pin one fingerprint, believe the rest. When
 * one of them changes, the ceremony key signs the next identity, which names the earlier signing
 * keys as well.
 *
 * @param number counts up from 1 with every change
 * @param ceremonySpki the key that signs this record; its SHA-256 is the pin
 * @param signingSpki signs leases and checkpoints, ECDSA P-256
 * @param earlierKeys that signed before, oldest first, each with its word for the one after it
 * @param caCertificates X.509 DER of the CAs of TLS certificates: the one that issues them, then an
 *     earlier one whose certificates still count
 * @param module the token's module
 * @param attestationRoot fingerprint of the roots that evidence must chain to
 * @param logOrigin origin of the audit log's checkpoints
 */
public record VaultIdentity(
        long number,
        byte[] ceremonySpki,
        byte[] signingSpki,
        List<KeySuccession> earlierKeys,
        List<byte[]> caCertificates,
        String module,
        TrustLevel level,
        Tee tee,
        Digest attestationRoot,
        String logOrigin) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.vault-identity.v1";

    /** Signing keys that a vault may have had: each is some 180 bytes in every identity. */
    public static final int MAX_EARLIER_KEYS = 64;

    /** One that issues and one that is on its way out. */
    public static final int MAX_AUTHORITIES = 2;

    static final int MAX_SPKI_BYTES = 128;
    private static final int MAX_CERTIFICATE_BYTES = 4096;
    private static final int MAX_ORIGIN_BYTES = 255;
    private static final int MAX_BYTES = 32 * 1024;
    private static final String DOMAIN = "strongroom/vault-identity";

    public VaultIdentity {
        Strict.requireAtMost("ceremony key bytes", ceremonySpki.length, MAX_SPKI_BYTES);
        Strict.requireAtMost("signing key bytes", signingSpki.length, MAX_SPKI_BYTES);
        Strict.requireAtMost("earlier signing keys", earlierKeys.size(), MAX_EARLIER_KEYS);
        Strict.requireRange("CA certificates", caCertificates.size(), 1, MAX_AUTHORITIES);
        for (byte[] certificate : caCertificates) {
            Strict.requireAtMost("CA certificate bytes", certificate.length, MAX_CERTIFICATE_BYTES);
        }
        Strict.requireAtMost("module", module.length(), ImportCertificate.MAX_MODULE_BYTES);
        Strict.requireAtMost("log origin", logOrigin.length(), MAX_ORIGIN_BYTES);
        earlierKeys = List.copyOf(earlierKeys);
        caCertificates = List.copyOf(caCertificates);
    }

    /** The identity that a vault is made with. */
    public static VaultIdentity first(
            byte[] ceremonySpki,
            byte[] signingSpki,
            byte[] caCertificate,
            String module,
            TrustLevel level,
            Tee tee,
            Digest attestationRoot,
            String logOrigin) {
        return new VaultIdentity(
                1,
                ceremonySpki,
                signingSpki,
                List.of(),
                List.of(caCertificate),
                module,
                level,
                tee,
                attestationRoot,
                logOrigin);
    }

    /** The next one, with another signing key. */
    public VaultIdentity withSigningKey(byte[] spki, KeySuccession word) {
        var earlier = new ArrayList<>(earlierKeys);
        earlier.add(word);
        return next(spki, earlier, caCertificates);
    }

    /** The next one, with other CAs: the one that issues first. */
    public VaultIdentity withAuthorities(List<byte[]> certificates) {
        return next(signingSpki, earlierKeys, certificates);
    }

    private VaultIdentity next(
            byte[] signing, List<KeySuccession> earlier, List<byte[]> authorities) {
        return new VaultIdentity(
                number + 1,
                ceremonySpki,
                signing,
                earlier,
                authorities,
                module,
                level,
                tee,
                attestationRoot,
                logOrigin);
    }

    /** The vault's key id in transcripts: SHA-256 of the signing key. */
    public Digest signingKeyId() {
        return P256.keyId(signingSpki);
    }

    /** The CA that issues certificates. */
    public byte[] caCertificate() {
        return caCertificates.getFirst();
    }

    /** Whether certificates of this CA count. */
    public boolean hasAuthority(byte[] certificate) {
        return caCertificates.stream().anyMatch(known -> Arrays.equals(known, certificate));
    }

    /** Every signing key there was, the present one first. */
    public List<SigningPeriod> signingPeriods() {
        var periods = new ArrayList<SigningPeriod>();
        periods.add(new SigningPeriod(signingSpki, SigningPeriod.OPEN));
        for (KeySuccession earlier : earlierKeys.reversed()) {
            periods.add(new SigningPeriod(earlier.spki(), earlier.end()));
        }
        return periods;
    }

    /**
     * The key of this vault that has this id.
     *
     * @throws SealedFormatException if none has
     */
    SigningPeriod signer(Digest keyId) throws SealedFormatException {
        for (SigningPeriod period : signingPeriods()) {
            if (P256.keyId(period.spki()).equals(keyId)) {
                return period;
            }
        }
        throw new SealedFormatException("no key of this vault has the id " + keyId);
    }

    /**
     * The key of this vault that a statement names as its signer.
     *
     * @throws SealedFormatException if none of its keys does
     */
    SigningPeriod signerOf(Dsse statement) throws SealedFormatException {
        for (SigningPeriod period : signingPeriods()) {
            Digest keyId = P256.keyId(period.spki());
            if (statement.signatures().stream().anyMatch(line -> line.keyId().equals(keyId))) {
                return period;
            }
        }
        throw new SealedFormatException(
                statement.payloadType() + ": no valid signature by a key of this vault");
    }

    /**
     * Refuses an identity that this one cannot have come from: whoever saw that one is being shown
     * another past, or an earlier state.
     */
    public void requireFollows(VaultIdentity seen) throws SealedFormatException {
        if (number < seen.number) {
            throw new SealedFormatException(
                    "vault identity: number "
                            + number
                            + ", and number "
                            + seen.number
                            + " was seen before: one of its keys was replaced since, and may be in"
                            + " other hands");
        }
        if (number == seen.number && !Arrays.equals(encode(), seen.encode())) {
            throw new SealedFormatException(
                    "vault identity: number " + number + " is another one than was seen before");
        }
        if (!isSameVault(seen) || !hasKeysOf(seen)) {
            throw new SealedFormatException(
                    "vault identity: it does not follow from the one that was seen before");
        }
    }

    private boolean isSameVault(VaultIdentity seen) {
        return Arrays.equals(ceremonySpki, seen.ceremonySpki)
                && logOrigin.equals(seen.logOrigin)
                && tee == seen.tee
                && attestationRoot.equals(seen.attestationRoot);
    }

    /** Its keys, in its order, come first among ours. */
    private boolean hasKeysOf(VaultIdentity seen) {
        List<SigningPeriod> ours = signingPeriods().reversed();
        List<SigningPeriod> theirs = seen.signingPeriods().reversed();
        if (ours.size() < theirs.size()) {
            return false;
        }
        for (int i = 0; i < theirs.size(); i++) {
            boolean sameEnd = i == theirs.size() - 1 || ours.get(i).end() == theirs.get(i).end();
            if (!sameEnd || !Arrays.equals(ours.get(i).spki(), theirs.get(i).spki())) {
                return false;
            }
        }
        return true;
    }

    /**
     * Signs the record.
     *
     * @throws IllegalArgumentException when the signer is not the ceremony key of this record
     */
    public Dsse sign(StatementSigner ceremony) throws SignatureException {
        if (!ceremony.keyId().equals(P256.keyId(ceremonySpki))) {
            throw new IllegalArgumentException("vault identity: signer is not the ceremony key");
        }
        return Dsse.sign(PAYLOAD_TYPE, encode(), ceremony);
    }

    /**
     * Checks the record against the pin, and that each earlier signing key named the next one.
     *
     * @param pin SHA-256 of the ceremony key, learnt out of band
     */
    public static VaultIdentity verify(Dsse envelope, Digest pin) throws SealedFormatException {
        VaultIdentity claimed =
                Strict.read(envelope.payload(), MAX_BYTES, DOMAIN, 1, VaultIdentity::read);
        if (!P256.keyId(claimed.ceremonySpki()).equals(pin)) {
            throw new SealedFormatException(
                    "vault identity: expected the pinned ceremony key "
                            + pin
                            + "; this is another vault, or the pin is of another one");
        }
        envelope.verify(P256.publicKey(claimed.ceremonySpki()), PAYLOAD_TYPE);
        P256.publicKey(claimed.signingSpki());
        claimed.requireChain();
        return claimed;
    }

    private void requireChain() throws SealedFormatException {
        byte[] next = signingSpki;
        long end = SigningPeriod.OPEN;
        for (KeySuccession earlier : earlierKeys.reversed()) {
            earlier.verify(logOrigin, next);
            if (earlier.end() < 0 || earlier.end() >= end) {
                throw new SealedFormatException(
                        "vault identity: its signing keys are not in order");
            }
            next = earlier.spki();
            end = earlier.end();
        }
    }

    public byte[] encode() {
        Canonical out =
                Canonical.of(DOMAIN, 1)
                        .u64(number)
                        .bytes(ceremonySpki)
                        .bytes(signingSpki)
                        .u32(earlierKeys.size());
        for (KeySuccession earlier : earlierKeys) {
            out.bytes(earlier.spki()).u64(earlier.end()).bytes(earlier.signature());
        }
        out.u32(caCertificates.size());
        caCertificates.forEach(out::bytes);
        return out.text(module)
                .u8(level.number())
                .text(tee.label())
                .bytes(attestationRoot.bytes())
                .text(logOrigin)
                .toByteArray();
    }

    private static VaultIdentity read(CanonicalReader in) throws MalformedEncodingException {
        return new VaultIdentity(
                in.u64("number"),
                in.bytes("ceremony key", MAX_SPKI_BYTES),
                in.bytes("signing key", MAX_SPKI_BYTES),
                readEarlier(in),
                readAuthorities(in),
                in.text("module", ImportCertificate.MAX_MODULE_BYTES),
                TrustLevel.ofNumber(in.u8("trust level")),
                Tee.ofLabel(in.text("tee", 16)),
                Statements.readDigest(in, "attestation root"),
                in.text("log origin", MAX_ORIGIN_BYTES));
    }

    private static List<KeySuccession> readEarlier(CanonicalReader in)
            throws MalformedEncodingException {
        int count = in.count("earlier keys", MAX_EARLIER_KEYS);
        var earlier = new ArrayList<KeySuccession>();
        for (int i = 0; i < count; i++) {
            earlier.add(
                    new KeySuccession(
                            in.bytes("earlier key", MAX_SPKI_BYTES),
                            in.u64("end"),
                            in.bytes("signature", P256.MAX_SIGNATURE_BYTES)));
        }
        return earlier;
    }

    private static List<byte[]> readAuthorities(CanonicalReader in)
            throws MalformedEncodingException {
        int count = in.count("CA certificates", MAX_AUTHORITIES);
        var certificates = new ArrayList<byte[]>();
        for (int i = 0; i < count; i++) {
            certificates.add(in.bytes("CA certificate", MAX_CERTIFICATE_BYTES));
        }
        return certificates;
    }
}
