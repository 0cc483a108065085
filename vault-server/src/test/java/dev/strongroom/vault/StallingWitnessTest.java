package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.transparency.WitnessKey;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.vault.audit.WitnessEndpoint;
import dev.strongroom.vault.refusal.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A witness that begins to answer and never ends takes nobody's time but its own. */
@Timeout(60)
@Tag("nightly")
class StallingWitnessTest {
    @TempDir private Path dir;

    @Test
    void stopsThoseWhoDemandItAndNobodyElse() throws Exception {
        WitnessKey key =
                WitnessKey.of(
                        "witness.example/w1",
                        KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic());
        try (var vault = new Vault(dir, key)) {
            TestOwner owner = vault.vault.tenant("acme");
            TestOwner.Policies free = owner.setPolicies("free");
            TestOwner.Sealed version = owner.seal("free", TestOwner.weights(100));
            owner.push(version);
            TestOwner.Policies strict =
                    owner.setPolicies("strict", new WitnessQuorum(1, List.of(key)));
            TestOwner.Sealed watched = owner.seal("strict", TestOwner.weights(100));
            owner.push(watched);

            int before = vault.witness.stalled.size();
            vault.vault.clock.advance(Duration.ofSeconds(6));
            var node = new TestNode(owner);
            RequestLeaseRequest.Builder request = node.request(version, free);
            long asked = System.nanoTime();
            node.ask(request);
            assertThat(Duration.ofNanos(System.nanoTime() - asked))
                    .as("not the witness's five seconds")
                    .isLessThan(Duration.ofSeconds(4));
            assertThat(vault.witness.stalled).as("was asked again").hasSizeGreaterThan(before);
            Refusal.of(() -> lease(owner, watched, strict))
                    .isFor(Reason.WITNESSES_MISSING)
                    .saying("witness.example/w1 does not answer within 5 seconds");
        }
    }

    private static RequestLeaseResponse lease(
            TestOwner owner, TestOwner.Sealed version, TestOwner.Policies policies) {
        var node = new TestNode(owner);
        return node.ask(node.request(version, policies));
    }

    /** A vault that asks such a witness; let go of the witness first, so that it always ends. */
    private static final class Vault implements AutoCloseable {
        final Stalling witness = new Stalling();
        final TestVault vault;

        Vault(Path dir, WitnessKey key) throws Exception {
            var url = URI.create("http://127.0.0.1:" + witness.socket.getLocalPort());
            vault = TestVault.withWitnesses(dir, List.of(new WitnessEndpoint(url, key)));
        }

        @Override
        public void close() throws IOException {
            witness.close();
            vault.close();
        }
    }

    /** Headers, two bytes, and nothing more. */
    private static final class Stalling implements AutoCloseable {
        final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        final List<Socket> stalled = new CopyOnWriteArrayList<>();

        Stalling() throws IOException {
            Thread.ofPlatform().daemon().start(this::run);
        }

        private void run() {
            while (!socket.isClosed()) {
                try {
                    Socket asked = socket.accept();
                    stalled.add(asked);
                    asked.getOutputStream()
                            .write(
                                    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nab"
                                            .getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    // Closed, or the vault hung up.
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
            for (Socket asked : stalled) {
                asked.close();
            }
        }
    }
}
