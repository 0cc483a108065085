package dev.strongroom.attestation.tdx;

import dev.strongroom.attestation.encoding.Der;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A chain that ends in a believed root: PCK leaf ← PCK Platform or Processor CA ← Intel SGX Root
 * CA.
 *
 * @param leaf certifies the platform's quoting enclave
 * @param root the believed one
 * @param extension which platform the leaf is for
 */
record PckChain(IntelCertificate leaf, IntelCertificate root, PckExtension extension) {
    static PckChain verify(List<byte[]> encoded, TdxRoots roots, RevocationLists lists, Instant now)
            throws TdxRefusal {
        List<IntelCertificate> chain = parse(encoded);
        IntelCertificate leaf = chain.get(0);
        IntelCertificate authority = chain.get(1);
        IntelCertificate root = chain.get(2);
        if (!roots.roots().contains(root.fingerprint())) {
            throw new TdxRefusal("tdx.chain.root", "the chain ends in a root that is not pinned");
        }
        requireRoles(leaf, authority, root);
        requireValidAt(now, chain);
        if (!authority.isSignedBy(root) || !leaf.isSignedBy(authority)) {
            throw new TdxRefusal(
                    "tdx.chain.signature",
                    "expected ECDSA signatures with SHA-256 from the root to the leaf");
        }
        if (!root.isRootOf(List.of(leaf, authority), now)) {
            throw new TdxRefusal("tdx.chain.path", "the certificates form no path of RFC 5280");
        }
        lists.requireGood(authority, root);
        lists.requireGood(leaf, authority);
        return new PckChain(leaf, root, extension(leaf));
    }

    private static List<IntelCertificate> parse(List<byte[]> encoded) throws TdxRefusal {
        var chain = new ArrayList<IntelCertificate>();
        for (byte[] der : encoded) {
            chain.add(
                    IntelCertificate.parse(der)
                            .orElseThrow(() ->
                                    new TdxRefusal(
                                            "tdx.chain.certificates",
                                            "PCK chain: expected X.509 certificates, DER")));
        }
        return chain;
    }

    private static void requireRoles(
            IntelCertificate leaf, IntelCertificate authority, IntelCertificate root)
            throws TdxRefusal {
        var role = authority.role();
        boolean isPckAuthority =
                role.filter(r ->
                                r == IntelCertificate.Role.PLATFORM_CA
                                        || r == IntelCertificate.Role.PROCESSOR_CA)
                        .isPresent();
        if (!isPckAuthority
                || leaf.role().filter(r -> r == IntelCertificate.Role.PCK).isEmpty()
                || root.role().filter(r -> r == IntelCertificate.Role.ROOT).isEmpty()
                || !leaf.names(authority)
                || !authority.names(root)) {
            throw new TdxRefusal(
                    "tdx.chain.names",
                    "expected a PCK certificate, its Platform or Processor CA, and the root");
        }
        if (!leaf.hasKeyFor(IntelCertificate.Role.PCK)
                || !authority.hasKeyFor(role.orElseThrow())
                || !root.hasKeyFor(IntelCertificate.Role.ROOT)) {
            throw new TdxRefusal(
                    "tdx.chain.keys", "expected P-256 keys, two authorities and a signing leaf");
        }
    }

    private static void requireValidAt(Instant now, List<IntelCertificate> chain)
            throws TdxRefusal {
        for (IntelCertificate certificate : chain) {
            if (!certificate.isValidAt(now)) {
                throw new TdxRefusal(
                        "tdx.chain.validity", certificate.name() + " is not valid at " + now);
            }
        }
    }

    private static PckExtension extension(IntelCertificate leaf) throws TdxRefusal {
        byte[] wrapped = leaf.x509().getExtensionValue(PckExtension.OID);
        if (wrapped == null) {
            throw new TdxRefusal(
                    "tdx.pck.extension", "PCK certificate: expected extension " + PckExtension.OID);
        }
        try {
            return PckExtension.parse(Der.whole(wrapped, Der.OCTET_STRING).value());
        } catch (MalformedEncodingException | TdxFormatException e) {
            throw new TdxRefusal("tdx.pck.extension", String.valueOf(e.getMessage()));
        }
    }
}
