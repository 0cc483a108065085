package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;

/**
 * What a receipt says was asked and answered: a digest over names, types, shapes and raw elements,
 * the same however the tensors travelled.
 */
public final class ExchangeDigest {
    private static final String REQUEST = "strongroom/exchange-request";
    private static final String RESPONSE = "strongroom/exchange-response";

    private ExchangeDigest() {}

    /**
     * One tensor.
     *
     * @param datatype the protocol's name of it
     * @param data row-major, little-endian; strings with a 32-bit length before each; read from its
     *     position to its limit, which stay as they are
     */
    public record Part(String name, String datatype, List<Long> shape, ByteBuffer data) {
        public Part {
            shape = List.copyOf(shape);
        }
    }

    /**
     * Of a request.
     *
     * @param id the caller's, empty if he gave none
     */
    public static Digest request(String model, String id, List<Part> inputs) {
        return over(Canonical.of(REQUEST, 1).text(model).text(id), inputs);
    }

    /** Of an answer, as the caller got it. */
    public static Digest response(String model, String version, String id, List<Part> outputs) {
        return over(Canonical.of(RESPONSE, 1).text(model).text(version).text(id), outputs);
    }

    private static Digest over(Canonical out, List<Part> parts) {
        List<Part> sorted = parts.stream().sorted(Comparator.comparing(Part::name)).toList();
        out.u32(sorted.size());
        for (Part part : sorted) {
            out.text(part.name()).text(part.datatype()).u32(part.shape().size());
            part.shape().forEach(out::u64);
            MessageDigest sha256 = Digest.newSha256();
            sha256.update(part.data().duplicate());
            out.bytes(sha256.digest());
        }
        return Digest.sha256(out.toByteArray());
    }
}
