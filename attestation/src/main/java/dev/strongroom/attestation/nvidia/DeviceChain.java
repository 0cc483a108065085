package dev.strongroom.attestation.nvidia;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.p384.ChainRefusal;
import dev.strongroom.attestation.p384.P384Certificate;
import dev.strongroom.attestation.p384.P384Chain;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A GPU's certificates: firmware (leaf) ← device ← provisioner ← chip family ← root, found among
 * certificates that come in any order and with others.
 *
 * @param certificates leaf first
 */
record DeviceChain(List<P384Certificate> certificates) {
    /** DICE's arc; NVIDIA has RIoT's CompositeDeviceID there. Both end with the firmware's id. */
    private static final String DICE = "2.23.133.5.4.1";

    /** An object identifier, SHA-384's, and the head of the octets that follow it. */
    private static final byte[] SHA384_OCTETS =
            HexFormat.of().parseHex("06096086480165030402020430");

    private static final int FIRMWARE_ID_BYTES = 48;

    /**
     * The chain of the leaf that signed a message.
     *
     * @throws NvidiaRefusal if no leaf here did, or its issuers are not all here
     */
    static DeviceChain ofSigner(List<byte[]> encoded, Signed message) throws NvidiaRefusal {
        List<P384Certificate> all = parse(encoded);
        List<P384Certificate> leaves = all.stream().filter(each -> !each.isAuthority()).toList();
        if (leaves.isEmpty()) {
            throw new NvidiaRefusal(
                    "nvidia.endorsements", "expected the GPU's certificates, leaf to root");
        }
        for (P384Certificate leaf : leaves) {
            if (message.isBy(leaf)) {
                return new DeviceChain(upwards(leaf, all));
            }
        }
        throw new NvidiaRefusal(
                "nvidia.signature", "none of the certified keys signed this report");
    }

    /** Something with a signature. */
    interface Signed {
        boolean isBy(P384Certificate leaf);
    }

    Digest verify(Set<Digest> roots, Instant now) throws NvidiaRefusal {
        try {
            return P384Chain.verify(certificates, roots, now).rootFingerprint();
        } catch (ChainRefusal e) {
            throw new NvidiaRefusal("nvidia.chain." + e.step(), e.reason());
        }
    }

    /** The certificate of the device itself, which issues one for each firmware. */
    P384Certificate device() {
        return certificates.get(1);
    }

    /** The firmware that the leaf's key was derived for, 48 bytes, if its certificate says so. */
    Optional<byte[]> firmwareId() {
        byte[] extension = certificates.getFirst().x509().getExtensionValue(DICE);
        int id = extension == null ? 0 : extension.length - FIRMWARE_ID_BYTES;
        int head = id - SHA384_OCTETS.length;
        return head > 0 && Arrays.equals(SHA384_OCTETS, Arrays.copyOfRange(extension, head, id))
                ? Optional.of(Arrays.copyOfRange(extension, id, extension.length))
                : Optional.empty();
    }

    private static List<P384Certificate> parse(List<byte[]> encoded) throws NvidiaRefusal {
        var certificates = new ArrayList<P384Certificate>();
        Optional<ChainRefusal> first = Optional.empty();
        for (byte[] der : encoded) {
            try {
                certificates.add(P384Certificate.parse(der));
            } catch (ChainRefusal e) {
                first = first.or(() -> Optional.of(e)); // another vendor's: not of this chain
            }
        }
        if (certificates.isEmpty() && first.isPresent()) {
            throw new NvidiaRefusal("nvidia.chain." + first.get().step(), first.get().reason());
        }
        return certificates;
    }

    private static List<P384Certificate> upwards(P384Certificate leaf, List<P384Certificate> all)
            throws NvidiaRefusal {
        var chain = new ArrayList<>(List.of(leaf));
        while (!isSelfIssued(chain.getLast())) {
            P384Certificate child = chain.getLast();
            chain.add(
                    all.stream()
                            .filter(issuer -> issuer.isAuthority() && !chain.contains(issuer))
                            .filter(issuer -> issuer.subject().equals(child.issuer()))
                            .findFirst()
                            .orElseThrow(() ->
                                    new NvidiaRefusal(
                                            "nvidia.endorsements",
                                            "expected the certificate of "
                                                    + child.issuer().getName())));
        }
        return List.copyOf(chain);
    }

    private static boolean isSelfIssued(P384Certificate certificate) {
        return certificate.subject().equals(certificate.issuer());
    }
}
