package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.KeysGrpc;
import dev.strongroom.proto.v1.ListIdentitiesRequest;
import dev.strongroom.proto.v1.ListIdentitiesResponse.Identity;
import dev.strongroom.proto.v1.OwnKeysGrpc;
import dev.strongroom.proto.v1.WithdrawIdentityRequest;
import dev.strongroom.testkit.rpc.AnyRpc;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Command and vault of different releases: what was only asked about is not done by a side that
 * does not understand the question.
 */
@ExtendWith(SharedDeployment.class)
class OlderVaultTest {
    private static final int REMOTE = 2;

    private static Deployment world;
    private static Relay older;

    /** Before there were dry runs: a vault that has every other method. */
    @BeforeAll
    static void start(Deployment shared) throws Exception {
        world = shared;
        var _ = world.newTenant("older-vault");
        Path folder = Files.createTempDirectory(world.rest(), "older-vault-");
        PinHolder.run(
                world,
                NodeCertificate.class,
                world.operator().resolve("ca.pem").toString(),
                folder.resolve("tls").toString(),
                "older-vault");
        older = new Relay(folder.resolve("tls"), world.operator(), world.vault().field("grpc"));
        plans().forEach(older::lacking);
    }

    @AfterAll
    static void stop() {
        older.close();
    }

    private static Stream<String> plans() {
        return AnyRpc.of(
                        List.of(
                                KeysGrpc.getServiceDescriptor(),
                                OwnKeysGrpc.getServiceDescriptor(),
                                AdminGrpc.getServiceDescriptor()))
                .map(AnyRpc::name)
                .filter(name -> name.matches(".*/Plan[A-Z].*"));
    }

    static Stream<List<String>> dryRuns() {
        return Stream.of(
                        "keys rotate --tenant older-vault",
                        "keys rotate --tenant older-vault --key import",
                        "keys pause --tenant older-vault",
                        "keys resume --tenant older-vault",
                        "keys retire older-vault/1",
                        "keys retire --key tls",
                        "keys destroy older-vault/1",
                        "revoke model older-vault/bert --reason leaked",
                        "identity withdraw spiffe://strongroom/older-vault/owner/alice")
                .map(words -> Arrays.asList(words.split(" ")));
    }

    @ParameterizedTest
    @MethodSource("dryRuns")
    void whatAnOlderVaultDoesNotKnowItDoesNotDo(List<String> words) {
        String[] all = Stream.concat(words.stream(), Stream.of("--dry-run")).toArray(String[]::new);
        Outcome refused = world.commandAt(older.address(), world.operator(), all);
        assertThat(refused.exit()).as(refused.err()).isEqualTo(REMOTE);
        assertThat(refused.err()).contains("UNIMPLEMENTED", "nothing was done");
        assertThat(older.called()).allMatch(name -> name.matches("\\w+/(Plan|Get|List)[A-Z]\\w+"));
    }

    /** As commands said it before: in a field of the request that acts. */
    @Test
    void whatANewerVaultDoesNotKnowItDoesNotDo() throws Exception {
        String owner = "spiffe://strongroom/older-vault/owner/";
        try (var vault = world.connect(world.operator())) {
            Identity before = identity(vault.admin(), owner);
            var onlySay = UnknownFieldSet.Field.newBuilder().addVarint(1).build();
            var withdraw =
                    WithdrawIdentityRequest.newBuilder()
                            .setIdentity(before.getIdentity())
                            .setUnknownFields(
                                    UnknownFieldSet.newBuilder().addField(2, onlySay).build())
                            .build();
            Refused.by(() -> vault.admin().withdrawIdentity(withdraw))
                    .with(Status.Code.INVALID_ARGUMENT, "REQUEST_MALFORMED");
            assertThat(identity(vault.admin(), owner)).isEqualTo(before);
        }
    }

    private static Identity identity(AdminGrpc.AdminBlockingStub admin, String owner) {
        return admin
                .listIdentities(ListIdentitiesRequest.getDefaultInstance())
                .getIdentitiesList()
                .stream()
                .filter(identity -> identity.getIdentity().startsWith(owner))
                .findFirst()
                .orElseThrow();
    }
}
