package dev.strongroom.attestation.nitro;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.cbor.CborWriter;
import dev.strongroom.attestation.p384.SoftwareAuthority;
import dev.strongroom.attestation.p384.SoftwareAuthority.Profile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A Nitro hypervisor in software: signs documents of the real form under a root of its own. */
public final class SoftwareEnclave {
    public static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    static final String MODULE_ID = "i-0123456789abcdef0-enc0123456789abcdef";

    private final List<SoftwareAuthority> authorities;
    private final SoftwareAuthority leaf;

    private SoftwareEnclave(List<SoftwareAuthority> authorities, SoftwareAuthority leaf) {
        this.authorities = List.copyOf(authorities);
        this.leaf = leaf;
    }

    public static SoftwareEnclave create() {
        return of(
                Profile.authority(NOW, Profile.UNBOUNDED),
                Profile.authority(NOW, 0),
                Profile.leaf(NOW));
    }

    static SoftwareEnclave of(Profile rootProfile, Profile intermediateProfile, Profile leaf) {
        var root = SoftwareAuthority.root("root", rootProfile);
        return of(root, List.of(root.issue("instance", intermediateProfile)), leaf);
    }

    /** An enclave under authorities that issued one another. */
    static SoftwareEnclave of(
            SoftwareAuthority root, List<SoftwareAuthority> intermediates, Profile leaf) {
        var authorities = new ArrayList<>(intermediates);
        authorities.addFirst(root);
        return new SoftwareEnclave(authorities, intermediates.getLast().issue("enclave", leaf));
    }

    /** The same enclave with these in its bundle. */
    SoftwareEnclave presenting(List<SoftwareAuthority> bundle) {
        return new SoftwareEnclave(bundle, leaf);
    }

    public Digest root() {
        return authorities.getFirst().fingerprint();
    }

    SoftwareAuthority leaf() {
        return leaf;
    }

    List<SoftwareAuthority> authorities() {
        return authorities;
    }

    public byte[] document() {
        return document(_ -> {});
    }

    /** A document whose fields, encoded each, the test changes before it is signed. */
    public byte[] document(Consumer<Map<String, byte[]>> change) {
        Map<String, byte[]> fields = fields();
        change.accept(fields);
        return sign(map(fields));
    }

    Map<String, byte[]> fields() {
        var fields = new LinkedHashMap<String, byte[]>();
        fields.put("module_id", text(MODULE_ID));
        fields.put("digest", text("SHA384"));
        fields.put("timestamp", unsigned(NOW.toEpochMilli()));
        fields.put("pcrs", pcrs(16));
        fields.put("certificate", bytes(leaf.certificate()));
        var bundle = new CborWriter().array(authorities.size());
        authorities.forEach(authority -> bundle.bytes(authority.certificate()));
        fields.put("cabundle", bundle.toByteArray());
        fields.put("public_key", nothing());
        fields.put("user_data", bytes(new byte[64]));
        fields.put("nonce", nothing());
        return fields;
    }

    byte[] sign(byte[] payload) {
        return cose(payload, leaf.sign(signedBytes(payload)));
    }

    static byte[] map(Map<String, byte[]> fields) {
        var map = new CborWriter().map(fields.size());
        fields.forEach((name, value) -> map.text(name).encoded(value));
        return map.toByteArray();
    }

    static byte[] cose(byte[] payload, byte[] signature) {
        return new CborWriter()
                .array(4)
                .bytes(HexFormat.of().parseHex("a1013822"))
                .map(0)
                .bytes(payload)
                .bytes(signature)
                .toByteArray();
    }

    /** The structure that is signed, written out apart from the product's own. */
    private static byte[] signedBytes(byte[] payload) {
        var head = HexFormat.of().parseHex("846a5369676e61747572653144a101382240");
        byte[] body = bytes(payload);
        byte[] signed = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, signed, head.length, body.length);
        return signed;
    }

    /** Registers 0 to {@code count} - 1, each filled with its index plus one. */
    static byte[] pcrs(int count) {
        var values = new ArrayList<byte[]>();
        for (int i = 0; i < count; i++) {
            byte[] pcr = new byte[48];
            Arrays.fill(pcr, (byte) (i + 1));
            values.add(pcr);
        }
        return pcrs(values);
    }

    static byte[] pcrs(List<byte[]> values) {
        var map = new CborWriter().map(values.size());
        for (int i = 0; i < values.size(); i++) {
            map.unsigned(i).bytes(values.get(i));
        }
        return map.toByteArray();
    }

    static byte[] text(String value) {
        return new CborWriter().text(value).toByteArray();
    }

    public static byte[] bytes(byte[] value) {
        return new CborWriter().bytes(value).toByteArray();
    }

    static byte[] unsigned(long value) {
        return new CborWriter().unsigned(value).toByteArray();
    }

    static byte[] nothing() {
        return new CborWriter().nothing().toByteArray();
    }
}
