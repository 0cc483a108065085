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
 * <p>Rules that a refusal can name; they are stable:
 *
 * <ul>
 *   <li>{@code tpm.format}: a part is not the structure that it should be
 *   <li>{@code tpm.ak.missing}, {@code .attributes}, {@code .unknown}, {@code .other}, {@code
 *       .key}, {@code .scheme}, {@code .name}: the key is absent, could sign what its TPM did not
 *       make, is not enrolled, is not the one vouched for or certified, is too weak, signs
 *       otherwise, or has another name algorithm than the quote says
 *   <li>{@code tpm.ak.certificates}, {@code tpm.ak.root}, {@code tpm.ak.chain}
 *   <li>{@code tpm.signature}
 *   <li>{@code tpm.pcr.digest}: the register values are not those of the quote
 *   <li>{@code tpm.event-log}: it does not lead to the quoted registers 0 to 7, or there are none
 * </ul>
 *
 * <p>Immutable and thread-safe.
 */
public final class TpmVerifier {
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
            TpmQuote quote = TpmQuote.parse(evidence.quote());
            TpmSignature signature = TpmSignature.parse(evidence.signature());
            AttestationKey key = AttestationKey.of(evidence, trust, certificates, now);
            requireSameNameAlgorithm(quote, key);
            SignatureScheme scheme = QuoteSignature.verify(quote, signature, key);
            Optional<PcrValues> registers = registers(evidence, quote, scheme.hash());
            var claims = new HashMap<>(TpmClaims.of(quote, key));
            registers.ifPresent(values -> claims.putAll(TpmClaims.of(values)));
            if (evidence.eventLog().length > 0) {
                claims.putAll(replayed(EventLog.parse(evidence.eventLog()), registers));
            }
            return new TpmVerdict.Authentic(quote, claims);
        } catch (TpmFormatException e) {
            return new TpmVerdict.Refused("tpm.format", String.valueOf(e.getMessage()));
        } catch (TpmRefusal e) {
            return e.verdict();
        }
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

    private static Optional<PcrValues> registers(
            TpmEvidence evidence, TpmQuote quote, HashAlgorithm hash)
            throws TpmFormatException, TpmRefusal {
        if (evidence.registers().length == 0) {
            return Optional.empty();
        }
        PcrValues registers = PcrValues.of(quote.selections(), evidence.registers());
        if (!MessageDigest.isEqual(hash.digest(evidence.registers()), quote.pcrDigest())) {
            throw new TpmRefusal("tpm.pcr.digest", "the quote is over other register values");
        }
        return Optional.of(registers);
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
