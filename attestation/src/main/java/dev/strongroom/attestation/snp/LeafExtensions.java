package dev.strongroom.attestation.snp;

import dev.strongroom.attestation.encoding.Der;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * What AMD wrote into a VCEK or VLEK certificate (57230, "VCEK certificate extensions"): for which
 * chip and which firmware versions the key was derived.
 */
final class LeafExtensions {
    private static final String AMD = "1.3.6.1.4.1.3704.1.";
    private static final String PRODUCT = AMD + "2";
    private static final String HWID = AMD + "4";
    private static final String CSP_ID = AMD + "5";

    /** Last arcs of the component OIDs in the byte order of TCB_VERSION. */
    private static final String[] MILAN_ORDER = {
        "3.1", "3.2", "3.4", "3.5", "3.6", "3.7", "3.3", "3.8"
    };

    private static final String[] TURIN_ORDER = {
        "3.9", "3.1", "3.2", "3.3", "3.5", "3.6", "3.7", "3.8"
    };

    private final X509Certificate leaf;

    LeafExtensions(X509Certificate leaf) {
        this.leaf = leaf;
    }

    ProductLine line() throws SnpRefusal {
        byte[] name = value(PRODUCT).orElseThrow(() -> malformed(PRODUCT, "a product name"));
        String product =
                new String(content(name, Der.IA5_STRING, PRODUCT), StandardCharsets.US_ASCII);
        return ProductLine.ofProductName(product)
                .orElseThrow(() -> malformed(PRODUCT, "Milan, Genoa or Turin"));
    }

    /**
     * TCB_VERSION that the key was derived for, all eight bytes. A component the certificate does
     * not name counts as zero, but the real ones must be there.
     */
    long tcb(ProductLine line) throws SnpRefusal {
        String[] order = line == ProductLine.TURIN ? TURIN_ORDER : MILAN_ORDER;
        long raw = 0;
        for (int i = 0; i < order.length; i++) {
            raw |= (long) component(order[i]) << (Byte.SIZE * i);
        }
        return raw;
    }

    /** The chip's identity: raw octets, 64 or (Turin) 8 of them. */
    Optional<byte[]> hardwareId() throws SnpRefusal {
        return value(HWID);
    }

    /** The cloud provider that a VLEK seed belongs to. */
    Optional<String> providerId() throws SnpRefusal {
        Optional<byte[]> value = value(CSP_ID);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        byte[] text = content(value.get(), Der.IA5_STRING, CSP_ID);
        return Optional.of(new String(text, StandardCharsets.US_ASCII));
    }

    private int component(String arcs) throws SnpRefusal {
        Optional<byte[]> value = value(AMD + arcs);
        if (value.isEmpty()) {
            if (arcs.equals("3.4")
                    || arcs.equals("3.5")
                    || arcs.equals("3.6")
                    || arcs.equals("3.7")) {
                return 0;
            }
            throw malformed(AMD + arcs, "a security version");
        }
        byte[] integer = content(value.get(), Der.INTEGER, AMD + arcs);
        if (integer.length == 1 && integer[0] >= 0) {
            return integer[0];
        }
        if (integer.length == 2 && integer[0] == 0 && integer[1] < 0) {
            return integer[1] & 0xff;
        }
        throw malformed(AMD + arcs, "an integer from 0 to 255");
    }

    /** The extension's value inside its OCTET STRING. */
    private Optional<byte[]> value(String oid) throws SnpRefusal {
        byte[] wrapped = leaf.getExtensionValue(oid);
        return wrapped == null
                ? Optional.empty()
                : Optional.of(content(wrapped, Der.OCTET_STRING, oid));
    }

    private static byte[] content(byte[] der, int tag, String oid) throws SnpRefusal {
        try {
            return Der.whole(der, tag).value();
        } catch (MalformedEncodingException e) {
            throw malformed(oid, "one DER element");
        }
    }

    private static SnpRefusal malformed(String oid, String expected) {
        return new SnpRefusal("snp.leaf.extension", "extension " + oid + ": expected " + expected);
    }
}
