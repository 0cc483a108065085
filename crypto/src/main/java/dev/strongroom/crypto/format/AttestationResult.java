package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustVector;
import dev.strongroom.attestation.encoding.Json;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the vault concluded about a node when it gave or renewed a lease: the claims of an EAT
 * attestation result (draft-ietf-rats-ear-04) with one submodule {@code node} and ours in it.
 *
 * @param issuer the vault's log origin
 * @param notAfter minutes after {@code issuedAt}: a lease may be revoked meanwhile
 * @param nonce the vault's, that the evidence answered
 * @param vector how far the evidence was trusted
 * @param owners whose model it is, and whom else the node was launched for
 * @param rootFingerprint of the root that evidence chained to
 * @param tlsKeyDigest SHA-256 of the attested TLS key's SubjectPublicKeyInfo
 * @param evidence digest of the evidence
 * @param auditLeaf record of the lease
 */
public record AttestationResult(
        String issuer,
        Instant issuedAt,
        Instant notAfter,
        byte[] nonce,
        TrustVector vector,
        ModelName model,
        long versionNumber,
        VersionId versionId,
        Digest manifestDigest,
        NodeOwners owners,
        Digest releasePolicy,
        Digest outputPolicy,
        Tee tee,
        Digest rootFingerprint,
        byte[] bootId,
        Digest tlsKeyDigest,
        Digest evidence,
        long leaseSeq,
        long auditLeaf) {
    static final String PROFILE = "tag:ietf.org,2026:rats/ear#04";
    static final int MAX_BYTES = 4096; // ours take 1.5 KiB

    private static final String POLICY_ID = "urn:strongroom:release-policy:";

    public AttestationResult {
        Strict.requireMatch("issuer", issuer, "[!#-\\[\\]-~]{1,255}");
        Strict.requireLength("nonce", nonce, Transcript.NONCE_BYTES);
        Strict.requireLength("boot id", bootId, Transcript.BOOT_ID_BYTES);
        Strict.requireRange("hardware", vector.hardware(), 0, 127);
        Strict.requireRange("executables", vector.executables(), 0, 127);
        Strict.requireRange("configuration", vector.configuration(), 0, 127);
        Strict.requireRange("issued at", issuedAt.getEpochSecond(), 0, notAfter.getEpochSecond());
        issuedAt = Instant.ofEpochSecond(issuedAt.getEpochSecond());
        notAfter = Instant.ofEpochSecond(notAfter.getEpochSecond());
    }

    /** The JSON claims set, in its one spelling. */
    byte[] encode() {
        HexFormat hex = HexFormat.of();
        String tier = vector.tier().name().toLowerCase(Locale.ROOT);
        return String.format(
                        Locale.ROOT,
                        """
                        {"eat_profile":"%s","iss":"%s","iat":%d,"exp":%d,"eat_nonce":"%s",\
                        "ear_verifier_id":{"developer":"strongroom","build":"vault"},\
                        "submods":{"node":{"ear_status":"%s",\
                        "ear_trustworthiness_vector":{"hardware":%d,"executables":%d,"configuration":%d},\
                        "ear_appraisal_policy_ids":["%s%s"],\
                        "strongroom":{"model":"%s","version":%d,"version_id":"%s","manifest":"%s","owner":"%s","co_owners":[%s],\
                        "output_policy":"%s","tee":"%s","attestation_root":"%s","boot_id":"%s","tls_key":"%s",\
                        "evidence":"%s","lease_seq":%d,"audit_leaf":%d}}}}\
                        """,
                        PROFILE,
                        issuer,
                        issuedAt.getEpochSecond(),
                        notAfter.getEpochSecond(),
                        Base64.getUrlEncoder().withoutPadding().encodeToString(nonce),
                        tier,
                        vector.hardware(),
                        vector.executables(),
                        vector.configuration(),
                        POLICY_ID,
                        releasePolicy.hex(),
                        model,
                        versionNumber,
                        versionId.hex(),
                        manifestDigest.hex(),
                        owners.own().hex(),
                        coOwners(),
                        outputPolicy.hex(),
                        tee.label(),
                        rootFingerprint.hex(),
                        hex.formatHex(bootId),
                        tlsKeyDigest.hex(),
                        evidence.hex(),
                        leaseSeq,
                        auditLeaf)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private String coOwners() {
        return owners.others().stream()
                .map(id -> '"' + id.hex() + '"')
                .collect(Collectors.joining(","));
    }

    /** Reads a claims set; any other spelling than ours is refused. */
    static AttestationResult decode(byte[] json) throws SealedFormatException {
        try {
            AttestationResult read =
                    read(new Members(Json.parse("attestation result", json, MAX_BYTES)));
            if (Arrays.equals(read.encode(), json)) {
                return read;
            }
        } catch (MalformedEncodingException | IllegalArgumentException e) {
            throw new SealedFormatException("attestation result: " + e.getMessage(), e);
        }
        throw new SealedFormatException(
                "attestation result: expected the members of profile "
                        + PROFILE
                        + " and no others");
    }

    private static AttestationResult read(Members all) throws MalformedEncodingException {
        Members node = all.member("submods").member("node");
        Members vector = node.member("ear_trustworthiness_vector");
        Members ours = node.member("strongroom");
        HexFormat hex = HexFormat.of();
        return new AttestationResult(
                all.text("iss"),
                all.instant("iat"),
                all.instant("exp"),
                Base64.getUrlDecoder().decode(all.text("eat_nonce")),
                new TrustVector(
                        Math.toIntExact(Math.min(vector.number("hardware"), 128)),
                        Math.toIntExact(Math.min(vector.number("executables"), 128)),
                        Math.toIntExact(Math.min(vector.number("configuration"), 128))),
                ModelName.parse(ours.text("model")),
                ours.number("version"),
                VersionId.of(hex.parseHex(ours.text("version_id"))),
                new Digest(ours.text("manifest")),
                owners(ours),
                releasePolicy(node.list("ear_appraisal_policy_ids")),
                new Digest(ours.text("output_policy")),
                Tee.ofLabel(ours.text("tee")),
                new Digest(ours.text("attestation_root")),
                hex.parseHex(ours.text("boot_id")),
                new Digest(ours.text("tls_key")),
                new Digest(ours.text("evidence")),
                ours.number("lease_seq"),
                ours.number("audit_leaf"));
    }

    private static NodeOwners owners(Members ours) throws MalformedEncodingException {
        var others = new ArrayList<Digest>();
        for (Object id : ours.list("co_owners")) {
            others.add(new Digest(String.valueOf(id)));
        }
        return new NodeOwners(new Digest(ours.text("owner")), others);
    }

    private static Digest releasePolicy(List<?> ids) throws MalformedEncodingException {
        if (ids.size() == 1 && ids.getFirst() instanceof String id && id.startsWith(POLICY_ID)) {
            return new Digest(id.substring(POLICY_ID.length()));
        }
        throw new MalformedEncodingException("expected one appraisal policy");
    }

    /** Members of a JSON object by name and type. */
    record Members(Object value) {
        private static final long LAST_SECOND = 253_402_300_799L; // of year 9999

        Members member(String name) throws MalformedEncodingException {
            return new Members(get(name, Map.class));
        }

        String text(String name) throws MalformedEncodingException {
            return get(name, String.class);
        }

        long number(String name) throws MalformedEncodingException {
            return get(name, Long.class);
        }

        Instant instant(String name) throws MalformedEncodingException {
            long seconds = number(name);
            if (seconds > LAST_SECOND) {
                throw new MalformedEncodingException(
                        name + ": expected a moment before year 10000");
            }
            return Instant.ofEpochSecond(seconds);
        }

        List<?> list(String name) throws MalformedEncodingException {
            return get(name, List.class);
        }

        private <T> T get(String name, Class<T> type) throws MalformedEncodingException {
            if (value instanceof Map<?, ?> members && type.isInstance(members.get(name))) {
                return type.cast(members.get(name));
            }
            throw new MalformedEncodingException("expected " + name);
        }
    }
}
