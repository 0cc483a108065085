package dev.strongroom.attestation.nitro;

import static dev.strongroom.attestation.nitro.SoftwareEnclave.NOW;
import static dev.strongroom.attestation.nitro.SoftwareEnclave.bytes;
import static dev.strongroom.attestation.nitro.SoftwareEnclave.nothing;
import static dev.strongroom.attestation.nitro.SoftwareEnclave.pcrs;
import static dev.strongroom.attestation.nitro.SoftwareEnclave.text;
import static dev.strongroom.attestation.nitro.SoftwareEnclave.unsigned;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.cbor.CborWriter;
import dev.strongroom.attestation.p384.SoftwareAuthority;
import dev.strongroom.attestation.p384.SoftwareAuthority.Profile;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule fails alone, on documents signed under a root of this run. */
class NitroVerifierTest {
    private static final SoftwareEnclave ENCLAVE = SoftwareEnclave.create();
    private static final Duration SKEW = Duration.ofMinutes(5);
    private static final Profile ROOT = Profile.authority(NOW, Profile.UNBOUNDED);
    private static final Profile INTERMEDIATE = Profile.authority(NOW, 0);
    private static final Profile LEAF = Profile.leaf(NOW);

    @Test
    void acceptsADocumentAndNamesItsClaims() {
        Claims claims = accepted(ENCLAVE.document());

        assertThat(claims.tee()).isEqualTo(Tee.SIMULATED);
        assertThat(claims.rootFingerprint()).isEqualTo(ENCLAVE.root());
        assertThat(claims.hostData()).isEmpty();
        assertThat(claims.values())
                .containsEntry("tee", "simulated")
                .containsEntry("nitro.module-id", SoftwareEnclave.MODULE_ID)
                .containsEntry("nitro.instance-id", "i-0123456789abcdef0")
                .containsEntry("nitro.digest", "SHA384")
                .containsEntry("nitro.timestamp", Long.toString(NOW.toEpochMilli()))
                .containsEntry("nitro.debug", "false")
                .containsEntry("nitro.pcr0", "01".repeat(48))
                .containsEntry("nitro.pcr15", "10".repeat(48))
                .containsEntry("nitro.user-data", "00".repeat(64))
                .doesNotContainKeys("nitro.pcr16", "nitro.public-key", "nitro.nonce")
                .hasSize(6 + 16 + 1);
    }

    @Test
    void readsTheTagThatAwsPrints() {
        byte[] untagged = ENCLAVE.document();
        byte[] tagged = new byte[untagged.length + 1];
        tagged[0] = (byte) 0xd2;
        System.arraycopy(untagged, 0, tagged, 1, untagged.length);

        accepted(tagged);
        tagged[0] = (byte) 0xd1;
        assertRule(tagged, "nitro.format");
    }

    @Test
    void readsIndefiniteLengthsInThePayload() {
        var payload = new ByteArrayOutputStream();
        payload.write(0xbf);
        ENCLAVE.fields()
                .forEach((name, value) -> {
                    payload.writeBytes(text(name));
                    payload.writeBytes(value);
                });
        payload.write(0xff);

        accepted(ENCLAVE.sign(payload.toByteArray()));
    }

    @Test
    void readsFromOneRegisterToThirtyTwo() {
        assertThat(accepted(with("pcrs", pcrs(32))).values()).containsKey("nitro.pcr31");
        assertThat(accepted(with("pcrs", pcrs(17))).values()).containsKey("nitro.pcr16");
        accepted(with("pcrs", pcrs(1)));
        assertFormat(with("pcrs", pcrs(33)), "indices from 0 to 31");
        assertFormat(with("pcrs", pcrs(0)), "not empty");
    }

    @Test
    void flagsADocumentOfDebugMode() {
        var values = new ArrayList<byte[]>();
        for (int i = 0; i < 16; i++) {
            byte[] pcr = new byte[48];
            Arrays.fill(pcr, i < 3 ? 0 : (byte) i);
            values.add(pcr);
        }
        assertThat(accepted(with("pcrs", pcrs(values))).values())
                .containsEntry("nitro.debug", "true");

        values.get(2)[47] = 1;
        assertThat(accepted(with("pcrs", pcrs(values))).values())
                .containsEntry("nitro.debug", "false");
    }

    @Test
    void takesNullEmptyAndMissingFreeFieldsForNothing() {
        for (String name : List.of("public_key", "user_data", "nonce")) {
            String claim = "nitro." + name.replace('_', '-');
            assertThat(accepted(with(name, nothing())).values()).doesNotContainKey(claim);
            assertThat(accepted(with(name, bytes(new byte[0]))).values()).doesNotContainKey(claim);
            assertThat(accepted(ENCLAVE.document(fields -> fields.remove(name))).values())
                    .doesNotContainKey(claim);
            assertThat(accepted(with(name, bytes(new byte[1024]))).values()).containsKey(claim);
            assertFormat(with(name, bytes(new byte[1025])), name);
            assertFormat(with(name, text("x")), name);
        }
    }

    static Stream<Arguments> malformedFields() {
        return Stream.of(
                field("module_id", text("")),
                field("module_id", text("x".repeat(129))),
                field("module_id", bytes(new byte[1])),
                field("digest", text("SHA256")),
                field("digest", text("SHA512")),
                field("digest", unsigned(0)),
                field("timestamp", unsigned(0)),
                field("timestamp", unsigned(Long.MAX_VALUE)),
                field("timestamp", HexFormat.of().parseHex("20")),
                field("timestamp", text("now")),
                field("pcrs", new CborWriter().array(0).toByteArray()),
                field("pcrs", pcrs(List.of(new byte[32]))),
                field("pcrs", pcrs(List.of(new byte[64]))),
                field("pcrs", new CborWriter().map(1).text("0").bytes(new byte[48]).toByteArray()),
                field("pcrs", new CborWriter().map(1).unsigned(0).text("x").toByteArray()),
                field("certificate", bytes(new byte[0])),
                field("certificate", bytes(new byte[1025])),
                field("certificate", nothing()),
                field("cabundle", new CborWriter().array(0).toByteArray()),
                field("cabundle", array(8, bytes(new byte[1]))),
                field("cabundle", array(1, bytes(new byte[0]))),
                field("cabundle", array(1, bytes(new byte[1025]))),
                field("cabundle", array(1, text("x"))),
                field("cabundle", nothing()));
    }

    @ParameterizedTest
    @MethodSource("malformedFields")
    void refusesAFieldOutsideItsLimits(String name, byte[] value) {
        assertFormat(with(name, value), "payload: " + name);
    }

    @Test
    void refusesAMissingOrUnknownField() {
        for (String name :
                List.of("module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle")) {
            assertFormat(ENCLAVE.document(fields -> fields.remove(name)), name);
        }
        assertFormat(with("pcr", nothing()), "nine fields");
        assertFormat(
                ENCLAVE.sign(new CborWriter().map(1).unsigned(1).nothing().toByteArray()),
                "nine fields");
        assertFormat(ENCLAVE.sign(new CborWriter().array(0).toByteArray()), "map");
    }

    @Test
    void refusesAFieldThatComesTwice() {
        byte[] once = SoftwareEnclave.map(ENCLAVE.fields());
        var twice = new ByteArrayOutputStream();
        twice.write(once[0] + 1);
        twice.write(once, 1, once.length - 1);
        twice.writeBytes(text("nonce"));
        twice.writeBytes(nothing());

        assertFormat(ENCLAVE.sign(twice.toByteArray()), "each key once");
    }

    static Stream<Arguments> malformedFrames() {
        byte[] payload = bytes(SoftwareEnclave.map(ENCLAVE.fields()));
        byte[] signature = bytes(new byte[96]);
        byte[] header = bytes(HexFormat.of().parseHex("a1013822"));
        byte[] empty = new CborWriter().map(0).toByteArray();
        return Stream.of(
                frame("array of four", header, empty, payload),
                frame("array of four", header, empty, payload, signature, nothing()),
                frame("ES384", bytes(HexFormat.of().parseHex("a10126")), empty, payload, signature),
                frame(
                        "ES384",
                        bytes(HexFormat.of().parseHex("a2013822044101")),
                        empty,
                        payload,
                        signature),
                frame(
                        "ES384",
                        bytes(HexFormat.of().parseHex("bf013822ff")),
                        empty,
                        payload,
                        signature),
                frame("ES384", empty, empty, payload, signature),
                frame(
                        "empty map",
                        header,
                        new CborWriter().map(1).unsigned(4).bytes(new byte[1]).toByteArray(),
                        payload,
                        signature),
                frame("empty map", header, bytes(new byte[0]), payload, signature),
                frame("payload", header, empty, nothing(), signature),
                frame("payload", header, empty, bytes(new byte[0]), signature),
                frame("payload", header, empty, bytes(new byte[16 * 1024 + 1]), signature),
                frame("signature", header, empty, payload, bytes(new byte[95])),
                frame("signature", header, empty, payload, bytes(new byte[97])),
                frame("signature", header, empty, payload, nothing()),
                Arguments.of("definite", HexFormat.of().parseHex("9f00000000ff")),
                Arguments.of("than what is left", new byte[] {(byte) 0x84}),
                Arguments.of("more bytes", new byte[0]));
    }

    @ParameterizedTest
    @MethodSource("malformedFrames")
    void refusesAnotherFrame(String expected, byte[] message) {
        assertFormat(message, expected);
    }

    @Test
    void refusesBytesBehindTheMessage() {
        byte[] document = ENCLAVE.document();
        assertFormat(Arrays.copyOf(document, document.length + 1), "nothing behind");
        assertRule(Arrays.copyOf(document, document.length - 1), "nitro.format");
    }

    @Test
    void refusesARootThatIsNotPinned() {
        var other = SoftwareEnclave.create();
        assertRefused(ENCLAVE, other.document(), NOW, "nitro.chain.root");
    }

    @Test
    void refusesThePinnedRootAboveAnotherRootsEnclave() {
        var other = SoftwareEnclave.create();
        var bundle = new ArrayList<>(other.authorities());
        bundle.addFirst(ENCLAVE.authorities().getFirst());
        assertRefused(ENCLAVE, other.presenting(bundle).document(), NOW, "nitro.chain.path");
    }

    @Test
    void refusesABundleInAnotherOrder() {
        assertRefused(
                ENCLAVE,
                ENCLAVE.presenting(ENCLAVE.authorities().reversed()).document(),
                NOW,
                "nitro.chain.root");
    }

    @Test
    void refusesACertificateOutsideItsTime() {
        var late = LEAF.valid(NOW.plusSeconds(1), Duration.ofHours(3));
        var ended = INTERMEDIATE.valid(NOW.minusSeconds(100), Duration.ofSeconds(99));
        assertRule(SoftwareEnclave.of(ROOT, INTERMEDIATE, late), "nitro.chain.validity");
        assertRule(SoftwareEnclave.of(ROOT, ended, LEAF), "nitro.chain.validity");
        assertRule(
                SoftwareEnclave.of(
                        ROOT.valid(NOW.minusSeconds(100), Duration.ofSeconds(99)),
                        INTERMEDIATE,
                        LEAF),
                "nitro.chain.validity");
    }

    @Test
    void refusesOtherKeysAndSignatures() {
        assertRule(
                SoftwareEnclave.of(ROOT, INTERMEDIATE.on("secp256r1"), LEAF), "nitro.chain.keys");
        assertRule(
                SoftwareEnclave.of(ROOT, INTERMEDIATE, LEAF.signedWith("SHA256withECDSA")),
                "nitro.chain.certificate");
    }

    @Test
    void refusesAnAuthorityThatMayNotSignOrALeafThatMay() {
        assertRule(
                SoftwareEnclave.of(ROOT, INTERMEDIATE.using(KeyUsage.digitalSignature), LEAF),
                "nitro.chain.usage");
        assertRule(
                SoftwareEnclave.of(ROOT, LEAF.using(KeyUsage.keyCertSign), LEAF),
                "nitro.chain.usage");
        assertRule(
                SoftwareEnclave.of(ROOT.using(KeyUsage.cRLSign), INTERMEDIATE, LEAF),
                "nitro.chain.usage");
        assertRule(
                SoftwareEnclave.of(ROOT, INTERMEDIATE, LEAF.using(KeyUsage.keyAgreement)),
                "nitro.chain.usage");
        assertRule(
                SoftwareEnclave.of(
                        ROOT,
                        INTERMEDIATE,
                        Profile.authority(NOW, Profile.UNBOUNDED)
                                .using(KeyUsage.digitalSignature | KeyUsage.keyCertSign)),
                "nitro.chain.usage");
    }

    @Test
    void refusesAPathLongerThanAnAuthorityAllows() {
        var root = SoftwareAuthority.root("root", ROOT);
        var first = root.issue("first", Profile.authority(NOW, 0));
        var second = first.issue("second", Profile.authority(NOW, 0));
        var enclave = SoftwareEnclave.of(root, List.of(first, second), LEAF);

        assertRefused(enclave, enclave.document(), NOW, "nitro.chain.path");
    }

    @Test
    void refusesACriticalExtensionThatNobodyKnows() {
        assertRule(
                SoftwareEnclave.of(
                        ROOT,
                        INTERMEDIATE,
                        LEAF.with("1.3.6.1.4.1.99999.1", true, new byte[] {5, 0})),
                "nitro.chain.path");
    }

    @Test
    void refusesBytesBehindACertificate() {
        byte[] root = ENCLAVE.authorities().getFirst().certificate();
        byte[] longer = Arrays.copyOf(root, root.length + 1);
        assertRule(with("cabundle", array(1, bytes(longer))), "nitro.chain.certificate");
        assertRule(with("certificate", bytes(new byte[8])), "nitro.chain.certificate");
    }

    @Test
    void refusesAnotherKeysSignature() {
        byte[] payload = SoftwareEnclave.map(ENCLAVE.fields());
        byte[] byAnother = ENCLAVE.authorities().getFirst().sign(payload);
        assertRule(SoftwareEnclave.cose(payload, byAnother), "nitro.signature");
        assertRule(SoftwareEnclave.cose(payload, new byte[96]), "nitro.signature");
    }

    @Test
    void refusesASignatureOverThePayloadAlone() {
        byte[] payload = SoftwareEnclave.map(ENCLAVE.fields());
        assertRule(SoftwareEnclave.cose(payload, ENCLAVE.leaf().sign(payload)), "nitro.signature");
    }

    @Test
    void refusesADocumentThatIsNotOfNow() {
        byte[] document = ENCLAVE.document();
        assertRefused(ENCLAVE, document, NOW.plus(SKEW).plusMillis(1), "nitro.timestamp");
        assertThat(verify(ENCLAVE, document, NOW.plus(SKEW)))
                .isInstanceOf(NitroVerdict.Authentic.class);
        byte[] future = with("timestamp", unsigned(NOW.plus(SKEW).plusMillis(1).toEpochMilli()));
        assertRule(future, "nitro.timestamp");
        assertThat(
                        new NitroVerifier(
                                        Set.of(ENCLAVE.root()),
                                        Tee.SIMULATED,
                                        NitroVerifier.LEAF_LIFETIME)
                                .verify(document, List.of(), NOW.plus(Duration.ofHours(2))))
                .isInstanceOf(NitroVerdict.Authentic.class);
    }

    @Test
    void takesTheOwnerFromTheMeasuredSigningCertificate() {
        var owner = SoftwareAuthority.root("owner", LEAF.on("secp256r1"));
        var other = SoftwareAuthority.root("owner", LEAF.on("secp256r1"));
        var values = new ArrayList<byte[]>();
        for (int i = 0; i < 16; i++) {
            values.add(i == 8 ? SigningCertificate.pcr8(owner.certificate()) : new byte[48]);
        }
        byte[] document = with("pcrs", pcrs(values));

        assertThat(ownerOf(document, List.of(other.certificate(), owner.certificate())))
                .isEqualTo(Digest.sha256(owner.keys().getPublic().getEncoded()).bytes());
        assertThat(ownerOf(document, List.of(other.certificate()))).isEmpty();
        assertThat(ownerOf(document, List.of())).isEmpty();
        assertThat(ownerOf(ENCLAVE.document(), List.of(owner.certificate()))).isEmpty();
    }

    private static byte[] ownerOf(byte[] document, List<byte[]> certificates) {
        NitroVerdict verdict = verifier(ENCLAVE).verify(document, certificates, NOW);
        assertThat(verdict).isInstanceOf(NitroVerdict.Authentic.class);
        return ((NitroVerdict.Authentic) verdict).claims().hostData();
    }

    private static Arguments field(String name, byte[] value) {
        return Arguments.of(name, value);
    }

    private static Arguments frame(String expected, byte[]... parts) {
        var message = new CborWriter().array(parts.length);
        for (byte[] part : parts) {
            message.encoded(part);
        }
        return Arguments.of(expected, message.toByteArray());
    }

    private static byte[] array(int size, byte[] item) {
        var array = new CborWriter().array(size);
        for (int i = 0; i < size; i++) {
            array.encoded(item);
        }
        return array.toByteArray();
    }

    private static byte[] with(String field, byte[] value) {
        Consumer<Map<String, byte[]>> change = fields -> fields.put(field, value);
        return ENCLAVE.document(change);
    }

    private static Claims accepted(byte[] document) {
        NitroVerdict verdict = verify(ENCLAVE, document, NOW);
        assertThat(verdict).isInstanceOf(NitroVerdict.Authentic.class);
        return ((NitroVerdict.Authentic) verdict).claims();
    }

    private static void assertFormat(byte[] document, String expected) {
        assertThat(verify(ENCLAVE, document, NOW))
                .isInstanceOfSatisfying(
                        NitroVerdict.Refused.class,
                        refused -> {
                            assertThat(refused.rule()).isEqualTo("nitro.format");
                            assertThat(refused.reason()).contains(expected);
                        });
    }

    private static void assertRule(SoftwareEnclave enclave, String rule) {
        assertRefused(enclave, enclave.document(), NOW, rule);
    }

    private static void assertRule(byte[] document, String rule) {
        assertRefused(ENCLAVE, document, NOW, rule);
    }

    private static void assertRefused(
            SoftwareEnclave believed, byte[] document, Instant now, String rule) {
        assertThat(verify(believed, document, now))
                .isInstanceOfSatisfying(
                        NitroVerdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo(rule));
        assertThat(NitroVerifier.RULES).contains(rule);
    }

    private static NitroVerdict verify(SoftwareEnclave believed, byte[] document, Instant now) {
        return verifier(believed).verify(document, List.of(), now);
    }

    private static NitroVerifier verifier(SoftwareEnclave believed) {
        return new NitroVerifier(Set.of(believed.root()), Tee.SIMULATED, SKEW);
    }
}
