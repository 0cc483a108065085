package dev.strongroom.vault.rpc;

import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.proto.v1.AuditGrpc;
import dev.strongroom.proto.v1.GetCheckpointRequest;
import dev.strongroom.proto.v1.GetCheckpointResponse;
import dev.strongroom.proto.v1.GetConsistencyProofRequest;
import dev.strongroom.proto.v1.GetConsistencyProofResponse;
import dev.strongroom.proto.v1.GetInclusionProofRequest;
import dev.strongroom.proto.v1.GetInclusionProofResponse;
import dev.strongroom.proto.v1.ListLeavesRequest;
import dev.strongroom.proto.v1.ListLeavesResponse;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.catalog.LeafTable.Leaf;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * {@code strongroom.v1.Audit}: anybody with a certificate may check that the log only grows; what a
 * leaf says is shown to its tenant and to those who see the whole vault.
 */
final class AuditService extends AuditGrpc.AuditImplBase {
    private final AuditLog log;

    AuditService(AuditLog log) {
        this.log = log;
    }

    @Override
    public void getCheckpoint(
            GetCheckpointRequest request, StreamObserver<GetCheckpointResponse> observer) {
        Answers.one(
                observer,
                () ->
                        GetCheckpointResponse.newBuilder()
                                .setCheckpoint(log.witnessed().note())
                                .build());
    }

    @Override
    public void getInclusionProof(
            GetInclusionProofRequest request, StreamObserver<GetInclusionProofResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    Principal.current().requireTenant(log.leaf(request.getLeafIndex()).tenant());
                    return GetInclusionProofResponse.newBuilder()
                            .setProof(Messages.proof(log.prove(request.getLeafIndex())))
                            .build();
                });
    }

    @Override
    public void getConsistencyProof(
            GetConsistencyProofRequest request,
            StreamObserver<GetConsistencyProofResponse> observer) {
        Answers.one(
                observer,
                () -> {
                    SignedCheckpoint latest = log.witnessed();
                    long latestSize = latest.checkpoint().size();
                    long to = request.getToSize() == 0 ? latestSize : request.getToSize();
                    var response =
                            GetConsistencyProofResponse.newBuilder()
                                    .addAllPath(
                                            Messages.hashes(
                                                    log.consistency(request.getFromSize(), to)));
                    if (to == latestSize) {
                        response.setCheckpoint(latest.note());
                    }
                    return response.build();
                });
    }

    @Override
    public void listLeaves(ListLeavesRequest request, StreamObserver<ListLeavesResponse> observer) {
        Answers.stream(
                observer,
                () -> {
                    if (request.getFromIndex() < 0 || request.getToIndex() < 0) {
                        throw Messages.malformed("leaf index: too large");
                    }
                    long end = request.getToIndex() == 0 ? Long.MAX_VALUE : request.getToIndex();
                    return new LeafSource(
                            log, request.getFromIndex(), end, ModelsService.ownTenant());
                });
    }

    /** Leaves page by page, so that no slow reader holds a transaction open. */
    private static final class LeafSource implements Answers.Source<ListLeavesResponse> {
        private static final int PAGE = 128;

        private final AuditLog log;
        private final long end;
        private final String tenantPattern;
        private final Queue<Leaf> page = new ArrayDeque<>();
        private long next;

        LeafSource(AuditLog log, long start, long end, String tenantPattern) {
            this.log = log;
            this.next = start;
            this.end = end;
            this.tenantPattern = tenantPattern;
        }

        @Override
        public Optional<ListLeavesResponse> next() {
            if (page.isEmpty()) {
                page.addAll(log.page(next, end, tenantPattern, PAGE));
            }
            Leaf leaf = page.poll();
            if (leaf == null) {
                return Optional.empty();
            }
            next = leaf.index() + 1;
            return Optional.of(
                    ListLeavesResponse.newBuilder()
                            .setLeafIndex(leaf.index())
                            .setLeaf(Messages.bytes(leaf.bytes()))
                            .build());
        }

        @Override
        public void close() {}
    }
}
