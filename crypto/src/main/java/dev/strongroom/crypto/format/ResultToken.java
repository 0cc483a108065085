package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Json;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.nio.charset.StandardCharsets;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * An {@link AttestationResult} that the vault signed: a JSON Web Token in compact form (RFC 7515,
 * ES256), whose header brings the vault's identity along, so that who has the pin needs nothing
 * else. It says that the vault was content at that moment; whether the token is about the node,
 * model and question at hand is for its reader to compare, with {@link Demand}.
 *
 * <p>Only the vault's present signing key counts, since a token is of the last minutes. Who has a
 * key that was replaced also has the identity in which it was the present one: a reader holds what
 * a token brings along against the newest identity that he saw.
 */
public final class ResultToken {
    /** The longest token: an identity with many earlier keys, and the claims. */
    public static final int MAX_BYTES = 96 * 1024;

    /** The longest a token may be good for: a lease can be revoked the moment after. */
    public static final Duration MAX_VALIDITY = Duration.ofMinutes(5);

    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);
    private static final int MAX_HEADER_BYTES = 64 * 1024;
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private ResultToken() {}

    /**
     * Signs a result.
     *
     * @param identity the vault's, as its ceremony key signed it: DSSE in canonical encoding
     */
    public static String sign(AttestationResult result, byte[] identity, StatementSigner vault)
            throws SignatureException {
        String input =
                ENCODER.encodeToString(header(vault.keyId(), identity))
                        + "."
                        + ENCODER.encodeToString(result.encode());
        byte[] signature = EcdsaP1363.ofDer(vault.sign(input.getBytes(StandardCharsets.US_ASCII)));
        return input + "." + ENCODER.encodeToString(signature);
    }

    private static byte[] header(Digest keyId, byte[] identity) {
        return "{\"alg\":\"ES256\",\"typ\":\"eat+jwt\",\"kid\":\"%s\",\"vault_identity\":\"%s\"}"
                .formatted(keyId.hex(), ENCODER.encodeToString(identity))
                .getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * What a token has to be about, beside being in force.
     *
     * @param model any, if empty
     * @param bootId any, if empty
     * @param tlsKeyDigest any, if empty
     * @param nonce any, if empty
     */
    public record Demand(
            Optional<ModelName> model,
            Optional<byte[]> bootId,
            Optional<Digest> tlsKeyDigest,
            Optional<byte[]> nonce) {
        /** Any node's. */
        public static final Demand ANY =
                new Demand(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

        private Optional<String> objection(AttestationResult result) {
            if (model.isPresent() && !model.get().equals(result.model())) {
                return Optional.of("it is about model " + result.model());
            }
            if (bootId.isPresent() && !Arrays.equals(bootId.get(), result.bootId())) {
                return Optional.of("it is about another boot of a node");
            }
            if (tlsKeyDigest.isPresent() && !tlsKeyDigest.get().equals(result.tlsKeyDigest())) {
                return Optional.of("it is about a node with another TLS key");
            }
            if (nonce.isPresent() && !Arrays.equals(nonce.get(), result.nonce())) {
                return Optional.of("it answers another nonce");
            }
            return Optional.empty();
        }
    }

    /** The vault's identity that a token brings along, DSSE in canonical encoding: not verified. */
    public static byte[] shownIdentity(String token) throws SealedFormatException {
        return header(decoded(parts(token)[0])).identity();
    }

    /**
     * What a vault concluded.
     *
     * @param vault its identity, the newest that the caller saw
     * @param now the token must not have ended, nor begin later than clocks differ
     * @throws SealedFormatException when it is no token, not by that vault's present key, not in
     *     force, good for longer than {@link #MAX_VALIDITY}, or about something else
     */
    public static AttestationResult verify(
            String token, VaultIdentity vault, Instant now, Demand demand)
            throws SealedFormatException {
        AttestationResult result = signed(parts(token), vault);
        if (result.issuedAt().plus(MAX_VALIDITY).isBefore(result.notAfter())) {
            throw new SealedFormatException(
                    "result token: it claims to be good for longer than " + MAX_VALIDITY);
        }
        if (!now.isBefore(result.notAfter())) {
            throw new SealedFormatException("result token: it ended at " + result.notAfter());
        }
        if (now.plus(CLOCKS_DIFFER).isBefore(result.issuedAt())) {
            throw new SealedFormatException(
                    "result token: it begins at " + result.issuedAt() + ", look at this clock");
        }
        Optional<String> objection = demand.objection(result);
        if (objection.isPresent()) {
            throw new SealedFormatException("result token: " + objection.get());
        }
        return result;
    }

    private static AttestationResult signed(String[] parts, VaultIdentity vault)
            throws SealedFormatException {
        Digest keyId = header(decoded(parts[0])).keyId();
        if (!keyId.equals(vault.signingKeyId())) {
            throw new SealedFormatException(
                    "result token: expected one by the vault's present signing key "
                            + vault.signingKeyId()
                            + ", got one by "
                            + keyId);
        }
        byte[] input = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
        if (!EcdsaP1363.verifies(P256.publicKey(vault.signingSpki()), input, decoded(parts[2]))) {
            throw new SealedFormatException("result token: not signed by the pinned vault");
        }
        AttestationResult result = AttestationResult.decode(decoded(parts[1]));
        if (!result.issuer().equals(vault.logOrigin())) {
            throw new SealedFormatException("result token: its issuer is not the vault's log");
        }
        return result;
    }

    /** What a token says, whoever wrote it: to look at, and for nothing else. */
    public static AttestationResult uncheckedClaims(String token) throws SealedFormatException {
        String[] parts = parts(token);
        header(decoded(parts[0]));
        return AttestationResult.decode(decoded(parts[1]));
    }

    private static String[] parts(String token) throws SealedFormatException {
        String[] parts = token.length() > MAX_BYTES ? new String[0] : token.split("\\.", -1);
        if (parts.length != 3) {
            throw new SealedFormatException("result token: expected three parts");
        }
        return parts;
    }

    private record Header(Digest keyId, byte[] identity) {}

    private static Header header(byte[] json) throws SealedFormatException {
        try {
            var members =
                    new AttestationResult.Members(
                            Json.parse("result token header", json, MAX_HEADER_BYTES));
            var read =
                    new Header(
                            new Digest(members.text("kid")),
                            decoded(members.text("vault_identity")));
            if (Arrays.equals(header(read.keyId(), read.identity()), json)) {
                return read;
            }
        } catch (MalformedEncodingException | IllegalArgumentException e) {
            throw new SealedFormatException("result token: " + e.getMessage(), e);
        }
        throw new SealedFormatException("result token: expected the header of an ES256 eat+jwt");
    }

    /** base64url in its one spelling. */
    private static byte[] decoded(String part) throws SealedFormatException {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            if (ENCODER.encodeToString(bytes).equals(part)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new SealedFormatException("result token: not base64url", e);
        }
        throw new SealedFormatException("result token: not base64url without padding");
    }
}
