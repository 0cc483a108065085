package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.client.RevisionFile.Revision;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.ModelsGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * A vault and an owner who is connected to it. It can keep what he sends and say that it did not
 * come. Closing ends both.
 */
final class OwnersVault implements AutoCloseable {
    static final TrustAnchors ANCHORS = TrustAnchors.vendors();

    final TestVault keys;
    final OwnerKey owner;
    final VaultConnection connection;
    private final VaultServer server;

    /** Whether it says so of everything that is sent. */
    volatile boolean failing;

    /**
     * Starts one.
     *
     * @param folder for the owner's context
     * @param models what it answers of models
     */
    OwnersVault(Path folder, ModelsGrpc.ModelsImplBase models) throws Exception {
        var certificates = new TestCertificates();
        keys = new TestVault(ANCHORS, certificates.certificate().getEncoded());
        Profile profile = certificates.profile(folder);
        owner = OwnerKey.create(profile, new SecureRandom());
        server = new VaultServer(keys, certificates, certificates, models, new ServedLog(keys));
        connection = VaultConnection.open(profile, server.address());
    }

    @Override
    public void close() {
        connection.close();
        server.close();
    }

    /** How a kind of statement is verified. */
    interface Verification<V> {
        V of(Dsse envelope, Digest ownerId, byte[] ownerSpki) throws SealedFormatException;
    }

    /** What the owner sent. */
    <V> V signed(ByteString envelope, Verification<V> verification) {
        try {
            return verification.of(
                    Dsse.decode(envelope.toByteArray()), owner.keyId(), owner.spki());
        } catch (SealedFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes what was sent, or does not. */
    <A> void answer(StreamObserver<A> answers, Supplier<A> taken) {
        if (failing) {
            answers.onError(Status.UNAVAILABLE.asRuntimeException());
            return;
        }
        answers.onNext(taken.get());
        answers.onCompleted();
    }

    /** Writes it down, and proves that. */
    InclusionProof logged(String type, Map<String, String> fields) {
        try {
            return keys.proof(keys.append(TestVault.record(type, new TreeMap<>(fields))));
        } catch (SignatureException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the owner is told while it is {@link #failing}. */
    static void fails(ThrowingCallable sending) {
        var failed = catchThrowableOfType(StatusRuntimeException.class, sending);
        assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    /** Else it could choose which of two it shows. */
    static void requireOneOfEachNumber(Stream<Revision> sent) {
        Map<Long, Long> ofEach =
                sent.distinct()
                        .collect(Collectors.groupingBy(Revision::seq, Collectors.counting()));
        assertThat(ofEach.values()).as("payloads of each number").containsOnly(1L);
    }
}
