package dev.strongroom.attestation.azure;

import dev.strongroom.attestation.encoding.Json;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The runtime data of an HCL report: JSON with the vTPM's keys and the VM's configuration. Members
 * that are not known are passed over, since a paravisor's next version may add some; all of it is
 * under the processor's signature.
 *
 * @param attestationKey the vTPM's key that signs quotes ({@code HCLAkPub})
 * @param values {@code azure.config.NAME} of each text, number and bit of the configuration, and
 *     {@code azure.user-data}
 */
record RuntimeClaims(PublicKey attestationKey, Map<String, String> values) {
    private static final int MAX_BYTES = 16 * 1024;
    private static final int MAX_KEYS = 16;
    private static final String ATTESTATION_KEY = "HCLAkPub";
    private static final int MAX_MODULUS_CHARACTERS = 684; // base64url of RSA-4096

    static RuntimeClaims parse(byte[] json) throws AzureFormatException {
        try {
            Map<?, ?> claims = object(Json.parse("runtime data", json, MAX_BYTES));
            var values = new HashMap<String, String>();
            if (claims.get("vm-configuration") instanceof Map<?, ?> configuration) {
                configuration.forEach((name, value) -> put(values, String.valueOf(name), value));
            }
            if (claims.get("user-data") instanceof String userData) {
                values.put("azure.user-data", userData.toLowerCase(Locale.ROOT));
            }
            return new RuntimeClaims(attestationKey(claims.get("keys")), Map.copyOf(values));
        } catch (MalformedEncodingException e) {
            throw new AzureFormatException(String.valueOf(e.getMessage()));
        }
    }

    private static void put(Map<String, String> values, String name, Object value) {
        if (name.matches("[A-Za-z0-9-]{1,64}")
                && !(value instanceof Map || value instanceof List)) {
            values.put("azure.config." + kebab(name), value.toString());
        }
    }

    /** {@code vmUniqueId} as {@code vm-unique-id}. */
    private static String kebab(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }

    private static PublicKey attestationKey(@Nullable Object keys) throws AzureFormatException {
        if (!(keys instanceof List<?> list) || list.size() > MAX_KEYS) {
            throw malformed("keys", "at most " + MAX_KEYS + " keys");
        }
        List<?> named =
                list.stream()
                        .filter(key ->
                                key instanceof Map<?, ?> map
                                        && ATTESTATION_KEY.equals(map.get("kid")))
                        .toList();
        if (named.size() != 1) {
            throw malformed("keys", "one key " + ATTESTATION_KEY);
        }
        return rsa(object(named.getFirst()));
    }

    /** A JSON Web Key (RFC 7518, 6.3) that may sign. */
    private static PublicKey rsa(Map<?, ?> key) throws AzureFormatException {
        if (!"RSA".equals(key.get("kty"))) {
            throw malformed(ATTESTATION_KEY, "an RSA key");
        }
        if (!(key.get("key_ops") instanceof List<?> operations) || !operations.contains("sign")) {
            throw malformed(ATTESTATION_KEY, "a key that signs");
        }
        try {
            return KeyFactory.getInstance("RSA")
                    .generatePublic(
                            new RSAPublicKeySpec(number(key.get("n")), number(key.get("e"))));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw malformed(ATTESTATION_KEY, "a sound RSA key");
        }
    }

    private static BigInteger number(@Nullable Object value) throws AzureFormatException {
        if (!(value instanceof String text) || text.length() > MAX_MODULUS_CHARACTERS) {
            throw malformed(ATTESTATION_KEY, "n and e, base64url");
        }
        return new BigInteger(1, Base64.getUrlDecoder().decode(text));
    }

    private static Map<?, ?> object(@Nullable Object value) throws AzureFormatException {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw malformed("document", "an object");
    }

    private static AzureFormatException malformed(String field, String expected) {
        return new AzureFormatException("runtime data: " + field + ": expected " + expected);
    }
}
