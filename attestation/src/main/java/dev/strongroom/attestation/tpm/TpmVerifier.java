package dev.strongroom.attestation.tpm;

import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says whether a quote is authentic: parsed strictly, signed by an attestation key that is believed
 * to be inside a TPM, over the register values that came along, which an event log that came along
 * explains. The caller compares the qualifying data ({@link TpmQuote#speaksFor}).
 *
 * <p>Immutable and thread-safe.
 */
public final class TpmVerifier {
    /** Names of all rules in the order in which they are checked. */
    public static final List<String> RULES =
            List.of(
                    "tpm.format", // a part is not the structure that it should be
                    "tpm.ak.attributes", // the key could sign what its TPM did not make
                    "tpm.ak.missing",
                    "tpm.ak.unknown", // not enrolled
                    "tpm.ak.certificates",
                    "tpm.ak.root",
                    "tpm.ak.chain",
                    "tpm.ak.other", // another key was vouched for, or certified
                    "tpm.ak.key", // too weak
                    "tpm.ak.name", // the quote names its signer by another hash
                    "tpm.ak.scheme",
                    "tpm.signature",
                    "tpm.pcr.digest", // the register values are not those of the quote
                    "tpm.event-log"); // it does not lead to the quoted registers 0 to 7

    private static final int LAST_FIRMWARE_PCR = 7; // those above go on changing under the OS

    private final AkTrust trust;

    public TpmVerifier(AkTrust trust) {
        this.trust = trust;
    }

    /**
     * Judges a quote at one moment.
     *
     * @param certificates X.509, DER, in any order: of the attestation key and its authorities, the
     *     root included; not looked at unless the trust is by certificate
     */
    public TpmVerdict verify(TpmEvidence evidence, List<byte[]> certificates, Instant now) {
        try {
            return judge(TpmParts.of(evidence), certificates, now);
        } catch (TpmFormatException e) {
            return new TpmVerdict.Refused("tpm.format", String.valueOf(e.getMessage()));
        } catch (TpmRefusal e) {
            return e.verdict();
        }
    }

    private TpmVerdict judge(TpmParts parts, List<byte[]> certificates, Instant now)
            throws TpmRefusal {
        TpmQuote quote = parts.quote();
        AttestationKey key = AttestationKey.of(parts.area(), trust, certificates, now);
        requireSameNameAlgorithm(quote, key);
        SignatureScheme scheme = QuoteSignature.verify(quote, parts.signature(), key);
        var claims = new HashMap<>(TpmClaims.of(quote, key));
        if (parts.registers().isPresent()) {
            PcrValues registers = parts.registers().get();
            requireQuoted(registers, quote, scheme.hash());
            claims.putAll(TpmClaims.of(registers));
        }
        if (parts.log().isPresent()) {
            claims.putAll(replayed(parts.log().get(), parts.registers()));
        }
        return new TpmVerdict.Authentic(quote, claims);
    }

    /** The qualified name is a hash by the key's own name algorithm. */
    private static void requireSameNameAlgorithm(TpmQuote quote, AttestationKey key)
            throws TpmRefusal {
        if (key.area().isPresent()) {
            HashAlgorithm algorithm = key.area().get().nameAlgorithm();
            byte[] name = quote.qualifiedSigner();
            if (name.length != Short.BYTES + algorithm.bytes()
                    || name[0] != 0
                    || (name[1] & 0xff) != algorithm.id()) {
                throw new TpmRefusal(
                        "tpm.ak.name", "the quote names a signer by another hash algorithm");
            }
        }
    }

    private static void requireQuoted(PcrValues registers, TpmQuote quote, HashAlgorithm hash)
            throws TpmRefusal {
        if (!MessageDigest.isEqual(hash.digest(registers.concatenated()), quote.pcrDigest())) {
            throw new TpmRefusal("tpm.pcr.digest", "the quote is over other register values");
        }
    }

    /** What the log adds for each bank that the quote is over, too. */
    private static Map<String, String> replayed(EventLog log, Optional<PcrValues> registers)
            throws TpmRefusal {
        PcrValues quoted =
                registers.orElseThrow(() ->
                        new TpmRefusal(
                                "tpm.event-log",
                                "expected the register values that the log should lead to"));
        var claims = new HashMap<String, String>();
        for (HashAlgorithm bank : quoted.banks().keySet()) {
            for (Map.Entry<Integer, byte[]> register : log.replay(bank).entrySet()) {
                int pcr = register.getKey();
                if (quoted.value(bank, pcr).isEmpty()) {
                    continue;
                }
                boolean explained = quoted.has(bank, pcr, register.getValue());
                if (!explained && pcr <= LAST_FIRMWARE_PCR) {
                    throw new TpmRefusal(
                            "tpm.event-log",
                            "the log does not lead to register %d of bank %s"
                                    .formatted(pcr, bank.label()));
                }
                claims.putAll(TpmClaims.ofLog(log, bank, pcr, explained));
            }
        }
        return claims;
    }
}
