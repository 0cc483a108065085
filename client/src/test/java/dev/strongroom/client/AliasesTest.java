package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.client.Aliases.Moved;
import dev.strongroom.client.Aliases.Step;
import dev.strongroom.client.RevisionFile.Revision;
import dev.strongroom.crypto.format.AliasMove;
import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.VerifiedAlias;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.GetVersionResponse;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.ListAliasesRequest;
import dev.strongroom.proto.v1.ListAliasesResponse;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.MoveAliasRequest;
import dev.strongroom.proto.v1.MoveAliasResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An owner moves aliases at a vault that keeps what it was sent and says that it did not come. */
class AliasesTest {
    private static final AliasPath PRODUCTION =
            new AliasPath(TestNode.MODEL, new AliasName("production"));

    @TempDir private Path folder;
    @AutoClose private OwnersVault vault;
    private List<VerifiedManifest> versions;
    private volatile List<ListAliasesResponse.Alias> shown = List.of();
    private final List<VerifiedAlias> sent = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws Exception {
        vault = new OwnersVault(folder.resolve("owner"), new Models());
        versions = List.of(seal(), seal(), seal());
        set(1);
    }

    private VerifiedManifest seal() throws Exception {
        return TestNode.seal(folder, vault.connection.profile(), vault.owner, vault.keys);
    }

    @Test
    void aMoveThatTheVaultKeptIsSentAgainAndNoOtherOneOfItsNumber() throws Exception {
        vault.failing = true;
        failsToSet(2);
        failsToSet(2);
        assertThat(last().digest()).as("the very same").isEqualTo(sent.get(1).digest());
        failsToSet(3);
        assertThat(last().move().seq()).isEqualTo(3);
        assertThat(last().move().previous()).contains(sent.getFirst().digest());
        failsToSet(2);
        assertThat(last().move().seq()).isEqualTo(4);

        vault.failing = false;
        Moved moved = set(2);
        assertThat(moved.move().seq()).isEqualTo(4);
        assertThat(set(2).auditLeaf()).as("unchanged").isEmpty();
        assertThat(set(3).move().seq()).isEqualTo(5);
        OwnersVault.requireOneOfEachNumber(
                sent.stream().map(move -> new Revision(move.move().seq(), move.digest())));
    }

    @Test
    void whatAPreviewSaysIsSignedNoSooner() throws Exception {
        Moved preview = aliases().point(PRODUCTION, number(2), OptionalLong.empty(), Step.PREVIEW);
        assertThat(preview.move().seq()).isEqualTo(2);
        assertThat(sent).hasSize(1);
        assertThat(set(3).move().seq()).isEqualTo(2);
    }

    /** Which is how an old first move could begin it anew. */
    @Test
    void anAliasThatIsNotShownAnyMoreIsNotBegunAnew() throws Exception {
        shown = List.of();
        refuses("was seen before and is not shown any more");
        assertThat(sent).hasSize(1);
    }

    @Test
    void moreAliasesThanAModelCanHaveAreRefusedUnverified() {
        shown =
                Collections.nCopies(
                        AliasMove.MAX_OF_MODEL + 1, ListAliasesResponse.Alias.getDefaultInstance());
        refuses("65 aliases");
    }

    private void refuses(String why) {
        var refused = catchThrowableOfType(ClientException.class, () -> set(2));
        assertThat(refused).hasMessageContaining(why);
        assertThat(refused.kind()).isEqualTo(ClientException.Kind.VERIFICATION_FAILED);
    }

    private void failsToSet(long version) {
        OwnersVault.fails(() -> set(version));
    }

    private Moved set(long version) throws Exception {
        return aliases().point(PRODUCTION, number(version), OptionalLong.empty(), Step.DO);
    }

    private static VersionTarget number(long version) {
        return new VersionTarget.Numbered(version);
    }

    private Aliases aliases() throws Exception {
        return new Aliases(
                vault.connection,
                vault.keys.pin(),
                OwnersVault.ANCHORS,
                new EvidenceVerifier(OwnersVault.ANCHORS, InstantSource.system()));
    }

    private VerifiedAlias last() {
        return sent.getLast();
    }

    private final class Models extends ModelsGrpc.ModelsImplBase {
        @Override
        public void getVersion(
                GetVersionRequest request, StreamObserver<GetVersionResponse> answers) {
            long number = request.getVersion().getNumber();
            VerifiedManifest version = versions.get((int) number - 1);
            answers.onNext(
                    GetVersionResponse.newBuilder()
                            .setNumber(number)
                            .setManifest(ByteString.copyFrom(version.manifest().encode()))
                            .build());
            answers.onCompleted();
        }

        @Override
        public void listAliases(
                ListAliasesRequest request, StreamObserver<ListAliasesResponse> answers) {
            answers.onNext(
                    ListAliasesResponse.newBuilder()
                            .setOwnerSpki(ByteString.copyFrom(vault.owner.spki()))
                            .addAllAliases(shown)
                            .build());
            answers.onCompleted();
        }

        @Override
        public void moveAlias(MoveAliasRequest request, StreamObserver<MoveAliasResponse> answers) {
            VerifiedAlias move = vault.signed(request.getMove(), AliasMove::verify);
            sent.add(move);
            vault.answer(
                    answers,
                    () -> {
                        shown =
                                List.of(
                                        ListAliasesResponse.Alias.newBuilder()
                                                .setMove(request.getMove())
                                                .setNumber(numberOf(move))
                                                .build());
                        return MoveAliasResponse.newBuilder().setProof(logged(move)).build();
                    });
        }

        private int numberOf(VerifiedAlias move) {
            return versions.stream()
                            .map(version -> Optional.of(version.content().versionId()))
                            .toList()
                            .indexOf(move.move().target())
                    + 1;
        }

        private InclusionProof logged(VerifiedAlias move) {
            return vault.logged(
                    AuditRecord.ALIAS_MOVED,
                    Map.of(
                            "model", move.move().model().toString(),
                            "alias", move.move().alias().value(),
                            "seq", Long.toString(move.move().seq()),
                            "digest", move.digest().hex()));
        }
    }
}
