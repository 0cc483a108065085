package dev.strongroom.vault.decoy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.strongroom.proto.v1.CommitFingerprintRequest;
import dev.strongroom.proto.v1.CommitResealRequest;
import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.proto.v1.GetGuardStateRequest;
import dev.strongroom.proto.v1.GetPoliciesRequest;
import dev.strongroom.proto.v1.GetResultTokenRequest;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.ListAliasesRequest;
import dev.strongroom.proto.v1.RenewLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.SaveGuardStateRequest;
import dev.strongroom.proto.v1.TakeRowsRequest;
import dev.strongroom.proto.v1.VersionReference;
import dev.strongroom.proto.v1.WatchLeaseRequest;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Which models and versions a request reaches for. What owners sign with their root key (pushes,
 * policies and aliases) is not here, because a decoy has to be kept up; neither is what stops
 * nodes.
 *
 * @param model {@code tenant/name}; empty if the request names none
 * @param version id in hex, of what has its bytes or its key in the answer; else empty
 * @param answer what becomes of the call
 */
record Touches(String model, String version, Answer answer) {
    /** What who touches a decoy with such a request gets. */
    enum Answer {
        /** What anybody gets who asks of another model. */
        LIKE_ANY,
        /** Nothing: it would be a key, or would change something. */
        NONE
    }

    static Optional<Touches> of(Message request) {
        return switch (request) {
            case GetVersionRequest r -> Optional.of(described(r.getVersion()));
            case GetPoliciesRequest r -> Optional.of(described(r.getModel()));
            case ListAliasesRequest r -> Optional.of(described(r.getModel()));
            case GetResultTokenRequest r -> Optional.of(described(r.getModel()));
            case FetchObjectRequest r ->
                    Optional.of(new Touches(r.getModel(), hex(r.getVersionId()), Answer.LIKE_ANY));
            case RequestLeaseRequest r -> Optional.of(used(r.getModel(), r.getVersionId()));
            case RenewLeaseRequest r -> Optional.of(used(r.getModel(), r.getVersionId()));
            case CommitResealRequest r -> Optional.of(used(r.getModel(), r.getVersionId()));
            case SaveGuardStateRequest r -> Optional.of(used(r.getModel(), r.getVersionId()));
            case GetGuardStateRequest r -> Optional.of(used(r.getModel(), r.getVersionId()));
            case TakeRowsRequest r -> Optional.of(used(r.getModel(), ByteString.EMPTY));
            case WatchLeaseRequest r -> Optional.of(used(r.getModel(), ByteString.EMPTY));
            case CommitFingerprintRequest r -> Optional.of(used(r.getModel(), ByteString.EMPTY));
            default -> Optional.empty();
        };
    }

    private static Touches described(VersionReference reference) {
        return described(reference.getModel());
    }

    private static Touches described(String model) {
        return new Touches(model, "", Answer.LIKE_ANY);
    }

    private static Touches used(String model, ByteString version) {
        return new Touches(model, hex(version), Answer.NONE);
    }

    private static String hex(ByteString id) {
        return HexFormat.of().formatHex(id.toByteArray());
    }
}
