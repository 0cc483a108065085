package dev.strongroom.serving;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Posture;
import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.Version;
import dev.strongroom.enclave.lease.VersionLookup;
import dev.strongroom.serving.generate.GenerationLimits;
import dev.strongroom.serving.infer.RunSettings;
import dev.strongroom.serving.infer.ServingLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Everything a node is told, read once from a YAML file:
 *
 * <pre>
 * vault: 127.0.0.1:7410
 * identity: {ca: /etc/strongroom/ca.pem, cert: /etc/strongroom/cert.pem, key: /etc/strongroom/key.pem}
 * pin: 3f1c…                # fingerprint of the vault's ceremony key, 64 hex digits
 * model: acme/embeddings
 * version: 0                # 0 is the latest
 * model: acme/embeddings@production # in place of these two: what its owner has the alias mean
 * follow: 0                 # seconds between looks for a later one; 0: never; needs version: 0
 * run: {atOnce: 2, threads: 1, batchRows: 8} # as strongroom tune found it; without it the threads below, 1 and limits.batchRows
 * models:                   # in place of these four: several
 *   - {model: acme/embeddings, version: 0, follow: 0, run: {atOnce: 2, threads: 1, batchRows: 8}}
 * dataDir: /var/lib/strongroom-node
 * listen: {host: 127.0.0.1, port: 0}
 * rest: {host: 127.0.0.1, port: 0}  # the same over HTTP and JSON; without it, over gRPC only
 * metrics: {host: 127.0.0.1, port: 0}  # rates for Prometheus, unauthenticated; without it: nowhere
 * threads: 2
 * profile: single-copy      # or fast: sessions keep a second copy in the order their kernels want
 * protect: locked           # or secretmem: not even root reads the weights; loads take longer
 * memoryBytes: 17179869184  # of protected memory; without it three quarters of the machine's
 * runBytes: 4294967296      # of one model's runs between inputs and answers; without it an eighth
 * limits: {messageBytes: 67108864, queued: 64, batchRows: 8, waitMillis: 10000, runMillis: 60000,
 *   idleMillis: 120000,         # a call whose caller neither sends nor reads ends then
 *   workingBytes: 68719476736,  # one tensor that open sizes of an input may lead to
 *   reflection: off,            # or on: tools may ask what the node's services look like
 *   connectionsPerAddress: 256} # more behind a balancer that hides its clients' addresses
 * generate: {cacheBytes: 1073741824, sequences: 32, contextTokens: 4096, seconds: 600}  # decoders
 * posture: base             # or hardened: refuse to start where a condition of that level is missing
 * agent: 127.0.0.1:7420     # of a split version's owner
 * tenants:                  # in place of identity and agent: models of several tenants, where each
 *                           # owner's release policy names the other owners in coOwners
 *   - {tenant: acme, owner: 9ab0…, identity: {ca: …, cert: …, key: …}, agent: 127.0.0.1:7420}
 * </pre>
 *
 * <p>Needed are vault, identity or tenants, pin, model or models, and dataDir. Models that do not
 * fit into memoryBytes together are brought in when they are called, for which others leave. A
 * message of messageBytes, with what is round it, takes an eighth of the heap at most.
 *
 * @param vault {@code host:port}
 * @param pin SHA-256 of the vault's ceremony key, learnt out of band
 * @param tenants whose models may be served, at least one
 * @param models to serve, at least one, each of a tenant listed; the first one is there from the
 *     start
 * @param dataDir ciphertext, and what this node remembers of the vault
 * @param metrics where to listen for readers of rates, without authentication; empty: nowhere
 * @param rest where to listen for the protocol over HTTP; empty: nowhere
 * @param threads for opening files, and inferences that run at a time
 * @param generation bounds of decoders' sequences
 * @param posture level to reach and to claim
 * @param source the file it was read from
 */
public record NodeConfig(
        String vault,
        Digest pin,
        List<Tenant> tenants,
        List<Wanted> models,
        Path dataDir,
        Listen listen,
        Optional<Listen> rest,
        Optional<Listen> metrics,
        int threads,
        Loading loading,
        ServingLimits limits,
        GenerationLimits generation,
        Posture posture,
        Path source) {
    /**
     * A tenant whose models may be served.
     *
     * @param owner empty for the only one: the host data names him
     * @param identity client certificate of role {@code node}, of this tenant
     * @param agent {@code host:port} of the owner's agent, for a split version, which says by which
     *     key it is known
     */
    public record Tenant(
            TenantName name, Optional<Digest> owner, Identity identity, Optional<String> agent) {
        boolean serves(ModelName model) {
            return model.tenant().equals(name);
        }
    }

    /** Whose a model is. */
    Tenant tenantOf(ModelName model) {
        return tenants.stream().filter(tenant -> tenant.serves(model)).findFirst().orElseThrow();
    }

    /** Whom this machine should have been launched for, seen by a tenant's owner, where it says. */
    Optional<NodeOwners> owners(Tenant seenBy) {
        return seenBy.owner()
                .map(own ->
                        NodeOwners.among(
                                own,
                                tenants.stream().flatMap(each -> each.owner().stream()).toList()));
    }

    /** PEM files; the key is PKCS#8 and readable by its owner only. */
    public record Identity(Path ca, Path cert, Path key) {}

    /**
     * A model to serve.
     *
     * @param alias by which its owner says which version; what it means is followed as it moves
     * @param version 0 is the latest, or what the alias means
     * @param follow how often to look for a later version; zero is never
     * @param run how it is run
     */
    public record Wanted(
            ModelName name,
            Optional<AliasName> alias,
            long version,
            Duration follow,
            RunSettings run) {
        /** Which version that is now. */
        Version find(VersionLookup versions, Digest ownerId) throws LeaseException, IOException {
            return alias.isPresent()
                    ? versions.version(name, alias.get(), ownerId)
                    : versions.version(name, version, ownerId);
        }
    }

    /**
     * Where to listen.
     *
     * @param port 0 is any free one; the ready line tells
     */
    public record Listen(String host, int port) {}

    /**
     * Reads and checks a file.
     *
     * @throws NodeException LOCAL, with every fault found
     */
    public static NodeConfig read(Path file) throws NodeException {
        return ConfigFile.read(file, Runtime.getRuntime().maxMemory());
    }
}
