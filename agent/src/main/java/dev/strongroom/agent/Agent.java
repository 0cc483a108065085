package dev.strongroom.agent;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.config.ServiceException;
import dev.strongroom.config.ServiceException.Exit;
import dev.strongroom.crypto.format.SealedFormatException;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;

/** An agent that serves: its folder, its log, its endpoint. The caller closes it. Thread-safe. */
final class Agent implements AutoCloseable {
    private final AgentFolder folder;
    private final DecisionLog log;
    private final Digest id;
    private final AgentServer server;

    private Agent(AgentFolder folder, DecisionLog log, Digest id, AgentServer server) {
        this.folder = folder;
        this.log = log;
        this.id = id;
        this.server = server;
    }

    /**
     * Makes an agent's keys and begins its log.
     *
     * @return its id, which owners sign into versions
     */
    static Digest init(
            AgentConfig config, TrustAnchors anchors, InstantSource clock, SecureRandom random)
            throws ServiceException, IOException {
        try (var folder = AgentFolder.open(config.dataDir())) {
            Digest id = folder.makeKeys(config.password(), random).id();
            var owners = new OwnerWord(id, config.owner());
            var memory = new AgentMemory(owners, anchors);
            try (var log = openLog(folder, memory)) {
                log.append(
                        Records.of(
                                Records.CREATED,
                                clock.instant(),
                                Records.OWNER,
                                AgentMemory.birth(owners, anchors)));
            }
            return id;
        }
    }

    /** Starts an agent; returns when it serves. */
    static Agent start(
            AgentConfig config, TrustAnchors anchors, InstantSource clock, SecureRandom random)
            throws ServiceException, IOException {
        var folder = AgentFolder.open(config.dataDir());
        try {
            return start(config, folder, anchors, clock, random);
        } catch (ServiceException | IOException | RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    private static Agent start(
            AgentConfig config,
            AgentFolder folder,
            TrustAnchors anchors,
            InstantSource clock,
            SecureRandom random)
            throws ServiceException, IOException {
        AgentKeys keys = folder.keys(config.password());
        var owners = new OwnerWord(keys.id(), config.owner());
        var memory = new AgentMemory(owners, anchors);
        DecisionLog log = openLog(folder, memory);
        try {
            if (memory.newest() < 0) {
                throw new ServiceException(
                        Exit.INTEGRITY,
                        "the log of decisions is missing or empty: this agent does not know any"
                                + " more what its owner revoked; restore the data folder from a"
                                + " backup");
            }
            var verifier = new EvidenceVerifier(anchors, folder.collateral(), clock);
            var decisions = new Decisions(memory, log, clock);
            var gate = new Gate(decisions, clock);
            var parts =
                    new PartDesk(
                            keys,
                            new Appraiser(keys.id(), config.owner(), verifier, clock),
                            decisions,
                            gate,
                            new Nonces(clock, random),
                            random);
            var service =
                    new AgentService(
                            parts,
                            new OwnerDesk(keys, owners, decisions, gate),
                            keys,
                            config.owner(),
                            anchors.tee());
            var server = AgentServer.start(config.host(), config.port(), keys, service);
            return new Agent(folder, log, keys.id(), server);
        } catch (ServiceException | IOException | RuntimeException e) {
            log.close();
            throw e;
        }
    }

    private static DecisionLog openLog(AgentFolder folder, AgentMemory memory)
            throws ServiceException, IOException {
        try {
            return DecisionLog.open(folder.log(), memory::read);
        } catch (SealedFormatException e) {
            throw new ServiceException(
                    Exit.INTEGRITY,
                    folder.log()
                            + ": "
                            + e.getMessage()
                            + "; restore the data folder from a backup, or start it with the"
                            + " configuration it was made with",
                    e);
        }
    }

    Digest id() {
        return id;
    }

    /** {@code host:port}. */
    String address() {
        return server.address();
    }

    long decisions() {
        return log.size();
    }

    Digest head() {
        return log.head();
    }

    @Override
    public void close() throws IOException {
        server.close();
        log.close();
        folder.close();
    }
}
