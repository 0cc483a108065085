package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Authenticates bodies with one MAC for all that are written together, since in a token a MAC costs
 * a third of a re-wrap. {@link ProvenBody} has the format.
 */
final class RecordProofs {
    private RecordProofs() {}

    /** The records of these bodies, in their order. */
    static List<byte[]> write(List<byte[]> bodies, RecordMac mac) throws CustodyException {
        int size = bodies.size();
        if (size < 1 || size > ProvenBody.MOST_LEAVES) {
            throw new IllegalArgumentException(
                    "records at once: %d (expected: 1..%d)"
                            .formatted(size, ProvenBody.MOST_LEAVES));
        }
        var tree = new RecordTree(bodies);
        byte[] tag = mac.mac(ProvenBody.head(size, tree.root()));
        var records = new ArrayList<byte[]>();
        for (int i = 0; i < size; i++) {
            var proven = new ProvenBody(bodies.get(i), tree.path(i), i, size, tag);
            records.add(proven.encode());
        }
        return records;
    }

    /** Whether a record says that nothing else shares its MAC. */
    static boolean isAlone(byte[] record) {
        try {
            return ProvenBody.decode(record).size() == 1;
        } catch (MalformedEncodingException e) {
            return false;
        }
    }

    /** The body of each record in its place, empty where the record is not authentic. */
    static List<Optional<byte[]>> read(List<byte[]> records, RecordMac mac)
            throws CustodyException {
        Map<Signed, Boolean> checked = new HashMap<>();
        var bodies = new ArrayList<Optional<byte[]>>();
        for (byte[] record : records) {
            bodies.add(body(record, mac, checked));
        }
        return bodies;
    }

    private static Optional<byte[]> body(byte[] record, RecordMac mac, Map<Signed, Boolean> checked)
            throws CustodyException {
        try {
            ProvenBody read = ProvenBody.decode(record);
            return isAuthentic(read, mac, checked) ? Optional.of(read.body()) : Optional.empty();
        } catch (MalformedEncodingException e) {
            return Optional.empty();
        }
    }

    /** Two records that name one head and one MAC need one look. */
    private record Signed(ByteBuffer head, ByteBuffer mac) {}

    private static boolean isAuthentic(ProvenBody read, RecordMac mac, Map<Signed, Boolean> checked)
            throws CustodyException {
        byte[] head = read.head();
        var signed = new Signed(ByteBuffer.wrap(head), ByteBuffer.wrap(read.mac()));
        Boolean known = checked.get(signed);
        if (known == null) {
            known = mac.isOf(head, read.mac());
            checked.put(signed, known);
        }
        return known;
    }
}
