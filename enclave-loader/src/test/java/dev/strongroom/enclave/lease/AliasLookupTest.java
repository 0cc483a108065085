package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.AliasMove;
import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.VerifiedAlias;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.proto.v1.ListAliasesResponse;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A vault that lies about what an alias means. */
class AliasLookupTest {
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.fixed(FakeVault.NOW));
    private static final AliasName PRODUCTION = new AliasName("production");

    @TempDir private Path folder;
    private FakeVault vault;
    private VaultLink link;

    @BeforeEach
    void start() throws Exception {
        vault = new FakeVault(CHIP.anchors(), Map.of("model.onnx", new byte[] {1}));
        link = vault.link();
    }

    @AfterEach
    void stop() {
        link.close();
        vault.close();
    }

    @Test
    void findsTheVersionThatTheOwnerMeans() throws Exception {
        shows(next(Optional.empty(), Optional.of(vault.versionId())));
        assertThat(lookup().manifest().content().versionId()).isEqualTo(vault.versionId());
        assertThat(lookup().number()).isEqualTo(7);
    }

    @Test
    void anEarlierMoveIsNotGoneBackToAlsoAfterARestart() throws Exception {
        VerifiedAlias first = shows(next(Optional.empty(), Optional.of(vault.versionId())));
        AliasMove second = next(Optional.of(first), Optional.of(vault.versionId()));
        shows(second);
        lookup();
        shows(first.move());
        refuses(LeaseException.Kind.INTEGRITY, "expected revision 2 or later, got 1");
        AliasMove other =
                next(Optional.of(first), Optional.of(VersionId.random(new SecureRandom())));
        shows(other);
        refuses(LeaseException.Kind.INTEGRITY, "another document than before");
        shows(second);
        lookup();
    }

    /** The vault showed this node one move of a number, and others another one. */
    @Test
    void aMoveOverOneThatThisNodeDidNotSeeIsRefused() throws Exception {
        VerifiedAlias first = shows(next(Optional.empty(), Optional.of(vault.versionId())));
        VerifiedAlias seen = shows(next(Optional.of(first), Optional.of(vault.versionId())));
        lookup();
        VerifiedAlias unseen =
                shows(next(Optional.of(first), Optional.of(VersionId.random(new SecureRandom()))));
        shows(next(Optional.of(unseen), Optional.of(vault.versionId())));
        refuses(LeaseException.Kind.INTEGRITY, "does not follow the one before it");
        shows(next(Optional.of(first), Optional.of(vault.versionId())).numbered(3));
        refuses(LeaseException.Kind.INTEGRITY, "does not follow the one before it");
        shows(next(Optional.of(seen), Optional.of(vault.versionId())));
        lookup();
    }

    /** A node was away, or a move was signed that never came into force. */
    @Test
    void numbersMayBeLeftOut() throws Exception {
        VerifiedAlias first =
                shows(next(Optional.empty(), Optional.of(vault.versionId())).numbered(2));
        lookup();
        shows(next(Optional.of(first), Optional.of(vault.versionId())).numbered(5));
        lookup();
    }

    /** So that an answer does not keep a node busy with signatures: these are not even read. */
    @Test
    void moreAliasesThanAModelCanHaveAreRefusedUnverified() throws Exception {
        shows(next(Optional.empty(), Optional.of(vault.versionId())));
        vault.aliases =
                vault.aliases.toBuilder()
                        .addAllAliases(
                                Collections.nCopies(
                                        AliasMove.MAX_OF_MODEL,
                                        ListAliasesResponse.Alias.getDefaultInstance()))
                        .build();
        refuses(LeaseException.Kind.INTEGRITY, "expected at most 64, got 65");
    }

    @Test
    void onlyTheOwnersWordCounts() throws Exception {
        AliasMove move = next(Optional.empty(), Optional.of(vault.versionId()));
        KeyPair stranger = TestKeys.p256();
        shows(move, stranger, stranger);
        refuses(LeaseException.Kind.INTEGRITY, "expected a key of owner");
        shows(move, stranger, vault.owner);
        refuses(LeaseException.Kind.INTEGRITY, "signature");
    }

    @Test
    void anotherVersionInItsPlaceIsRefused() throws Exception {
        shows(next(Optional.empty(), Optional.of(VersionId.random(new SecureRandom()))));
        refuses(LeaseException.Kind.INTEGRITY, "which acme/net@production means");
    }

    @Test
    void aliasesOfOtherModelsOtherNamesAndRemovedOnesMeanNothingHere() throws Exception {
        refuses(LeaseException.Kind.DENIED, "means no version");
        shows(
                AliasMove.after(
                        Optional.empty(),
                        ModelName.parse("acme/other"),
                        PRODUCTION,
                        Optional.of(vault.versionId())));
        refuses(LeaseException.Kind.DENIED, "means no version");
        shows(
                AliasMove.after(
                        Optional.empty(),
                        FakeVault.MODEL,
                        new AliasName("canary"),
                        Optional.of(vault.versionId())));
        refuses(LeaseException.Kind.DENIED, "means no version");
        shows(next(Optional.empty(), Optional.empty()));
        refuses(LeaseException.Kind.DENIED, "means no version");
    }

    private static AliasMove next(Optional<VerifiedAlias> before, Optional<VersionId> target) {
        return AliasMove.after(before, FakeVault.MODEL, PRODUCTION, target);
    }

    private VerifiedAlias shows(AliasMove move) throws Exception {
        shows(move, vault.owner, vault.owner);
        return AliasMove.verify(
                move.sign(P256.signer(vault.owner)),
                vault.ownerId(),
                vault.owner.getPublic().getEncoded());
    }

    private void shows(AliasMove move, KeyPair signer, KeyPair shown) throws Exception {
        vault.aliases =
                ListAliasesResponse.newBuilder()
                        .setOwnerSpki(ByteString.copyFrom(shown.getPublic().getEncoded()))
                        .addAliases(
                                ListAliasesResponse.Alias.newBuilder()
                                        .setMove(
                                                ByteString.copyFrom(
                                                        move.sign(P256.signer(signer)).encode())))
                        .build();
    }

    /** By a node that remembers only what is in its folder. */
    private Version lookup() throws Exception {
        return new VersionLookup(
                        link,
                        CHIP.anchors(),
                        new NodeMemory(folder.resolve("memory")),
                        InstantSource.fixed(FakeVault.NOW))
                .version(FakeVault.MODEL, PRODUCTION, vault.ownerId());
    }

    private void refuses(LeaseException.Kind kind, String why) {
        assertThatThrownBy(this::lookup)
                .isInstanceOfSatisfying(
                        LeaseException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(why);
    }
}
