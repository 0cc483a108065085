package dev.strongroom.attestation.nitro;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.p384.ChainRefusal;
import dev.strongroom.attestation.p384.P384Certificate;
import dev.strongroom.attestation.p384.P384Chain;
import dev.strongroom.attestation.p384.RawSignature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Says whether an attestation document is authentic: parsed strictly, signed by a leaf whose chain
 * is in the document itself and ends in a pinned root, and fresh.
 *
 * <p>An enclave in debug mode signs authentic documents: see {@link NitroDocument#isDebug()}.
 *
 * <p>Immutable and thread-safe.
 */
public final class NitroVerifier {
    /** Every rule that can refuse, in the order in which they are checked. */
    public static final List<String> RULES =
            List.of(
                    "nitro.format",
                    "nitro.signature",
                    "nitro.chain.certificate",
                    "nitro.chain.keys",
                    "nitro.chain.length",
                    "nitro.chain.root",
                    "nitro.chain.validity",
                    "nitro.chain.usage",
                    "nitro.chain.path",
                    "nitro.timestamp");

    /** For a document that answers a challenge: older than that it was not made for it. */
    public static final Duration CHALLENGE_SKEW = Duration.ofMinutes(5);

    /** For a document that is looked at later: as long as AWS's leaf certificates live. */
    public static final Duration LEAF_LIFETIME = Duration.ofHours(3);

    private final Set<Digest> roots;
    private final Tee tee;
    private final Duration maxSkew;

    /**
     * @param roots SHA-256 of whole root certificates
     * @param tee what is behind these roots
     * @param maxSkew how far the hypervisor's clock, which wrote the document's time, and ours may
     *     be apart, in both directions
     */
    public NitroVerifier(Set<Digest> roots, Tee tee, Duration maxSkew) {
        this.roots = Set.copyOf(roots);
        this.tee = tee;
        this.maxSkew = maxSkew;
    }

    /**
     * Judges a document at one moment.
     *
     * @param certificates may hold the certificate that the image was signed with, DER; the host
     *     data of the claims is the owner id that it names, and empty without it. All others are
     *     passed over: a document brings its chain along.
     */
    public NitroVerdict verify(byte[] document, List<byte[]> certificates, Instant now) {
        try {
            NitroDocument parsed = NitroDocument.parse(document);
            var leaf = P384Certificate.parse(parsed.certificate());
            if (!RawSignature.verifies(leaf.key(), parsed.signedBytes(), parsed.signature())) {
                return new NitroVerdict.Refused(
                        "nitro.signature", "the certified key did not sign this document");
            }
            P384Chain chain = P384Chain.verify(chain(leaf, parsed), roots, now);
            if (Duration.between(parsed.timestamp(), now).abs().compareTo(maxSkew) > 0) {
                return new NitroVerdict.Refused(
                        "nitro.timestamp",
                        "the document was written at %s, more than %s from %s"
                                .formatted(parsed.timestamp(), maxSkew, now));
            }
            return new NitroVerdict.Authentic(parsed, claims(parsed, certificates, chain));
        } catch (NitroFormatException e) {
            return new NitroVerdict.Refused("nitro.format", String.valueOf(e.getMessage()));
        } catch (ChainRefusal e) {
            return new NitroVerdict.Refused("nitro.chain." + e.step(), e.reason());
        }
    }

    /** Leaf first; the document has the authorities in the other direction. */
    private static List<P384Certificate> chain(P384Certificate leaf, NitroDocument document)
            throws ChainRefusal {
        var chain = new ArrayList<>(List.of(leaf));
        for (byte[] authority : document.authorities().reversed()) {
            chain.add(P384Certificate.parse(authority));
        }
        return chain;
    }

    private Claims claims(NitroDocument document, List<byte[]> certificates, P384Chain chain) {
        byte[] ownerId =
                SigningCertificate.ownerId(document, certificates)
                        .map(Digest::bytes)
                        .orElse(new byte[0]);
        return new Claims(tee, chain.rootFingerprint(), ownerId, NitroClaims.of(document, tee));
    }
}
