package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.client.AuditTrail;
import dev.strongroom.client.ModelCatalog;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.proto.v1.GetKeyStatusRequest;
import dev.strongroom.proto.v1.GetKeyStatusResponse;
import dev.strongroom.proto.v1.ListModelsResponse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import tools.jackson.databind.JsonNode;

/**
 * What an owner remembers of its pushes, and whether the vault's catalogue, keys and audit log are
 * still what was remembered: nothing lost, nothing twice, nothing half there.
 */
final class Ledger {
    /** One version that the vault said is committed. */
    record Entry(ModelName model, long number, long logIndex) {}

    private final Deployment world;
    private final Tenant tenant;
    private final Map<Digest, Entry> entries = new LinkedHashMap<>();

    Ledger(Deployment world, Tenant tenant) {
        this.world = world;
        this.tenant = tenant;
    }

    /** Writes down the JSON answer of a push. */
    void remember(Outcome push) {
        JsonNode answer = push.succeeded().json();
        var entry =
                new Entry(
                        ModelName.parse(answer.path("model").asString()),
                        answer.path("version").asLong(),
                        answer.path("log_index").asLong());
        assertThat(entries.put(new Digest(answer.path("manifest_digest").asString()), entry))
                .as("a version that an earlier push was answered with")
                .isNull();
    }

    int size() {
        return entries.size();
    }

    /**
     * Compares.
     *
     * @param unanswered how many versions may be there whose push got no answer
     * @return versions in the vault
     */
    List<Entry> compare(int unanswered) throws Exception {
        Map<Digest, Entry> held = new LinkedHashMap<>();
        for (var version : listed()) {
            Digest manifest = Digest.of(version.getManifestDigest().toByteArray());
            var entry =
                    new Entry(
                            ModelName.parse(version.getModel()),
                            version.getNumber(),
                            entries.containsKey(manifest) ? entries.get(manifest).logIndex : 0);
            assertThat(held.put(manifest, entry)).as("listed twice").isNull();
        }
        assertThat(held).containsAllEntriesOf(entries);
        assertThat(held.size() - entries.size()).isBetween(0, unanswered);
        requireNumbersWithoutGaps(held);
        assertThat(wrappedRecords()).isEqualTo(held.size());
        requireLog(held.keySet());
        return List.copyOf(held.values());
    }

    private List<ListModelsResponse.Version> listed() throws Exception {
        try (var connection = world.connect(tenant.owner())) {
            return new ModelCatalog(
                            connection,
                            new EvidenceVerifier(world.anchors(), InstantSource.system()))
                    .list();
        }
    }

    private static void requireNumbersWithoutGaps(Map<Digest, Entry> held) {
        Map<ModelName, List<Long>> numbers = new LinkedHashMap<>();
        held.values()
                .forEach(entry ->
                        numbers.computeIfAbsent(entry.model, _ -> new ArrayList<>())
                                .add(entry.number));
        for (List<Long> ofModel : numbers.values()) {
            assertThat(ofModel)
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.rangeClosed(1, ofModel.size()).boxed().toList());
        }
    }

    /** The tenant's keys; exactly one is active at any time. */
    List<GetKeyStatusResponse.Kek> keks() throws Exception {
        try (var connection = world.connect(tenant.owner())) {
            var request = GetKeyStatusRequest.newBuilder().setTenant(tenant.name()).build();
            return connection.keys().getKeyStatus(request).getKeksList();
        }
    }

    private long wrappedRecords() throws Exception {
        List<GetKeyStatusResponse.Kek> keks = keks();
        assertThat(keks.stream().filter(kek -> kek.getState().equals("active"))).hasSize(1);
        return keks.stream().mapToLong(GetKeyStatusResponse.Kek::getWrappedRecords).sum();
    }

    /** Rebuilds the log's tree, proves that it continues what was seen, and reads it. */
    private void requireLog(Set<Digest> held) throws Exception {
        Map<Long, AuditRecord> leaves = new LinkedHashMap<>();
        try (var connection = world.connect(world.auditor())) {
            var trail = AuditTrail.of(connection, world.pin(), world.anchors());
            trail.verifyAll();
            trail.list(0, 0, leaf -> leaves.put(leaf.index(), leaf.record()));
        }
        Map<String, String> numberOf = new LinkedHashMap<>();
        leaves.forEach((_, record) -> {
            if (isCommit(record)) {
                Map<String, String> fields = record.fields();
                String number = fields.getOrDefault("number", "");
                String before = numberOf.put(fields.getOrDefault("manifest", ""), number);
                assertThat(before == null || before.equals(number))
                        .as("a commit that was tried again keeps its number")
                        .isTrue();
            }
        });
        Set<String> logged = new HashSet<>(numberOf.keySet());
        assertThat(logged).containsAll(held.stream().map(Digest::hex).toList());
        entries.forEach((manifest, entry) -> {
            AuditRecord record =
                    Optional.ofNullable(leaves.get(entry.logIndex))
                            .orElseThrow(() -> new AssertionError("no leaf " + entry.logIndex));
            assertThat(record.type()).isEqualTo(AuditRecord.VERSION_COMMITTED);
            assertThat(record.fields())
                    .containsEntry("manifest", manifest.hex())
                    .containsEntry("number", String.valueOf(entry.number));
        });
    }

    private boolean isCommit(AuditRecord record) {
        return record.type().equals(AuditRecord.VERSION_COMMITTED)
                && record.fields().getOrDefault("model", "").startsWith(tenant.name() + "/");
    }
}
