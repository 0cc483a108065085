package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.crypto.format.AttestationResult;
import dev.strongroom.crypto.format.ResultToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** Result tokens in files, and how they are shown. */
final class TokenFile {
    private static final String BEGINNING = "eyJhbGciOiJFUzI1NiI"; // {"alg":"ES256" in base64url

    private TokenFile() {}

    /** The token in a file; empty for a file that holds something else. */
    static Optional<String> find(Path file) throws ClientException, IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(ResultToken.MAX_BYTES + 1);
            String text = new String(bytes, StandardCharsets.ISO_8859_1).strip();
            return text.startsWith(BEGINNING) ? Optional.of(text) : Optional.empty();
        } catch (NoSuchFileException e) {
            throw new ClientException(
                    ClientException.Kind.NOT_FOUND, file + ": no such file", "check the path", e);
        }
    }

    static Answer.Fields row(AttestationResult result) {
        HexFormat hex = HexFormat.of();
        return Answer.with("issuer", result.issuer())
                .with("issued_at", result.issuedAt().toString())
                .with("not_after", result.notAfter().toString())
                .with("status", result.vector().tier().name().toLowerCase(Locale.ROOT))
                .with("trust", EvidenceInspect.vector(result.vector()))
                .with("model", result.model().toString())
                .with("version", result.versionNumber())
                .with("version_id", result.versionId().hex())
                .with("manifest", result.manifestDigest().hex())
                .with("owner", result.owners().own().hex())
                .with("co_owners", result.owners().othersText())
                .with("release_policy", result.releasePolicy().hex())
                .with("output_policy", result.outputPolicy().hex())
                .with("tee", result.tee().label())
                .with("attestation_root", result.rootFingerprint().hex())
                .with("boot_id", hex.formatHex(result.bootId()))
                .with("tls_key", result.tlsKeyDigest().hex())
                .with("evidence", result.evidence().hex())
                .with("nonce", hex.formatHex(result.nonce()))
                .with("lease_seq", result.leaseSeq())
                .with("audit_leaf", result.auditLeaf());
    }
}
