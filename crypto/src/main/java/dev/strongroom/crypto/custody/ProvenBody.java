package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A stored record, taken apart and not yet verified: a body and what proves it, so that it can be
 * checked alone although one MAC covers all bodies that were written together.
 *
 * <pre>
 * body
 * path   n × 32 bytes, nearest hash first; n follows from index and size
 * u32    index of this body's leaf
 * u32    size of the tree, 1 to 256
 * MAC    32 bytes over the head: canonical("strongroom/wrapped-key-tree", 1) u32 size, bytes root
 * </pre>
 *
 * <p>The tree is that of RFC 6962; a body that was written alone is all of it and has no path.
 */
record ProvenBody(byte[] body, List<byte[]> path, int index, int size, byte[] mac) {
    /** How many bodies one MAC may cover; a path has at most 8 hashes then. */
    static final int MOST_LEAVES = 256;

    private static final String DOMAIN = "strongroom/wrapped-key-tree";
    private static final int FORMAT = 1;
    private static final int PLACE_BYTES = 2 * Integer.BYTES;
    private static final int MAX_BYTES = 1280; // largest by its fields: 1120

    static ProvenBody decode(byte[] record) throws MalformedEncodingException {
        int pathEnd = record.length - PLACE_BYTES - RecordMac.BYTES;
        if (pathEnd <= 0 || record.length > MAX_BYTES) {
            throw malformed("not a record's size: " + record.length + " bytes");
        }
        var in = ByteBuffer.wrap(record);
        int index = in.getInt(pathEnd);
        int size = in.getInt(pathEnd + Integer.BYTES);
        if (size < 1 || size > MOST_LEAVES || index < 0 || index >= size) {
            throw malformed("place: expected one in a tree of at most " + MOST_LEAVES + " leaves");
        }
        int bodyEnd = pathEnd - RecordTree.pathLength(index, size) * Digest.BYTES;
        if (bodyEnd <= 0) {
            throw malformed("path: longer than the record");
        }
        byte[] body = next(in, bodyEnd);
        var path = new ArrayList<byte[]>();
        while (in.position() < pathEnd) {
            path.add(next(in, Digest.BYTES));
        }
        in.position(pathEnd + PLACE_BYTES);
        return new ProvenBody(body, List.copyOf(path), index, size, next(in, RecordMac.BYTES));
    }

    private static MalformedEncodingException malformed(String what) {
        return new MalformedEncodingException("wrapped key record: " + what);
    }

    private static byte[] next(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    byte[] encode() {
        var out =
                ByteBuffer.allocate(
                        body.length + path.size() * Digest.BYTES + PLACE_BYTES + mac.length);
        out.put(body);
        path.forEach(out::put);
        return out.putInt(index).putInt(size).put(mac).array();
    }

    /** What the MAC has to be of for the body to be authentic. */
    byte[] head() {
        return head(size, RecordTree.rootOf(body, index, size, path));
    }

    static byte[] head(int size, byte[] root) {
        return Canonical.of(DOMAIN, FORMAT).u32(size).bytes(root).toByteArray();
    }
}
