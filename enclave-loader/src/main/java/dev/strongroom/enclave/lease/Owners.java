package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.NodeOwners;
import java.util.List;

/** A node's co-owners as its messages carry them. */
final class Owners {
    private Owners() {}

    static List<ByteString> ids(NodeOwners owners) {
        return owners.others().stream().map(id -> ByteString.copyFrom(id.bytes())).toList();
    }
}
