package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.GetPoliciesRequest;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.ListModelsRequest;
import dev.strongroom.proto.v1.VersionReference;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.LogSigner;
import dev.strongroom.vault.audit.TailKey;
import dev.strongroom.vault.audit.Witnesses;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.publish.PoliciesInForce;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who writes into the database behind the vault's back gets no key by it. */
class TamperedCatalogueTest {
    @TempDir static Path dir;
    @AutoClose private static TestVault vault;
    private static TestOwner owner;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
        owner.setPolicies("bert");
    }

    @Test
    void refusesAPolicyRowReplacedByAnotherModels() throws Exception {
        Policies shortLived = owner.setPolicies("brief");
        Sealed brief = owner.seal("brief", new byte[5]);
        owner.push(brief);
        var node = new TestNode(owner);
        node.ask(node.request(brief, shortLived));
        vault.sql(
                "UPDATE policy SET envelope = (SELECT envelope FROM policy WHERE model = 'bert' AND"
                        + " kind = 'RELEASE') WHERE model = 'brief' AND kind = 'RELEASE'");
        Refusal.of(() -> node.ask(node.request(brief, shortLived)))
                .byRule("vault.policy_not_authentic");
    }

    /** A node that an owner shut out must not come back by deleting what shut it out. */
    @Test
    void refusesAWithdrawnPolicyThatIsTheNewestRowAgain() throws Exception {
        Policies first = owner.setPolicies("withdrawn");
        Sealed model = owner.seal("withdrawn", new byte[5]);
        owner.push(model);
        var node = new TestNode(owner);
        node.ask(node.request(model, first));
        owner.set(owner.policy(Kind.RELEASE, "withdrawn", 2, Optional.of(first.release())));
        vault.sql("DELETE FROM policy WHERE model = 'withdrawn' AND seq = 2");
        Refusal.of(() -> node.ask(node.request(model, first))).byRule("vault.policy_not_authentic");
        var show = GetPoliciesRequest.newBuilder().setModel("acme/withdrawn").build();
        Refusal refusal =
                Refusal.of(() -> owner.models().getPolicies(show))
                        .isFor(Reason.POLICY_NOT_AUTHENTIC);
        assertThat(refusal.message()).contains("restore the data folder from a backup");
        vault.sql("DELETE FROM policy WHERE model = 'withdrawn'");
        Refusal.of(() -> owner.models().getPolicies(show)).isFor(Reason.POLICY_NOT_AUTHENTIC);
    }

    /** The same rules, signed by whom the database calls the owner now, are not the owner's. */
    @Test
    void refusesAPolicyOfAnOwnerThatIsNotTheVersions() throws Exception {
        TestOwner victim = vault.tenant("victim");
        victim.setPolicies("bert");
        var manifest = victim.seal("bert", new byte[5]).manifest().verify(victim.ownerId());
        var mallory = new TestOwner(vault, "victim", TestIdentity.newKey(), victim.identity);
        byte[] forged =
                mallory.sign(mallory.policy(Kind.RELEASE, "bert", 1, Optional.empty())).encode();
        VaultIdentity identity = new TestNode(owner).vaultIdentity();
        vault.sql("DELETE FROM audit_tail"); // all is signed at this moment
        try (Database database = Database.open(vault.config.dataDir())) {
            AuditLog log =
                    AuditLog.open(
                            database,
                            LogSigner.of(
                                    identity.logOrigin(), mallory.signer, identity.signingSpki()),
                            new TailKey(new byte[32]),
                            Witnesses.none(),
                            vault.clock);
            var policies = new PoliciesInForce(database, log);
            database.<RefusedException>change(handle -> policies.inForce(handle, manifest));
            HexFormat hex = HexFormat.of();
            vault.sql(
                    "UPDATE tenant SET owner_id = '%s', owner_spki = x'%s' WHERE name = 'victim'"
                            .formatted(
                                    mallory.ownerId().hex(),
                                    hex.formatHex(mallory.root.getPublic().getEncoded())),
                    "UPDATE policy SET envelope = x'%s' WHERE tenant = 'victim' AND kind = 'RELEASE'"
                            .formatted(hex.formatHex(forged)));
            var refusal =
                    catchThrowableOfType(
                            RefusedException.class,
                            () ->
                                    database.<RefusedException>change(
                                            handle -> policies.inForce(handle, manifest)));
            assertThat(refusal.reason()).isEqualTo(Reason.POLICY_NOT_AUTHENTIC);
        }
    }

    @Test
    void refusesKeyRecordsThatWereSwapped() throws Exception {
        Policies swappable = owner.setPolicies("swapped");
        Sealed one = owner.seal("swapped", new byte[5]);
        Sealed two = owner.seal("swapped", new byte[6]);
        owner.push(one);
        owner.push(two);
        vault.sql(
                "CREATE TEMP TABLE t AS SELECT version_id, record FROM wrapped_key",
                swap(one, two),
                swap(two, one));
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(one, swappable))).byRule("record.authentic");
        Refusal.of(() -> node.ask(node.request(two, swappable))).byRule("record.authentic");
    }

    private static String swap(Sealed to, Sealed from) {
        return "UPDATE wrapped_key SET record = (SELECT record FROM t WHERE version_id = '"
                + from.id()
                + "') WHERE version_id = '"
                + to.id()
                + "'";
    }

    @Test
    void refusesAKeyRecordWithAFlippedBit() throws Exception {
        Policies flippable = owner.setPolicies("flipped");
        Sealed flipped = owner.seal("flipped", new byte[5]);
        owner.push(flipped);
        vault.sql(
                "UPDATE wrapped_key SET record = CAST(substr(record, 1, length(record) - 1) ||"
                        + " x'00' AS BLOB) WHERE version_id = '"
                        + flipped.id()
                        + "'");
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(flipped, flippable))).byRule("record.authentic");
    }

    /** An old version must not become the latest one in the place of its successor. */
    @Test
    void refusesVersionsWhoseNumbersWereChanged() throws Exception {
        Policies renumbered = owner.setPolicies("renumbered");
        Sealed one = owner.seal("renumbered", new byte[5]);
        Sealed two = owner.seal("renumbered", new byte[6]);
        owner.push(one);
        owner.push(two);
        vault.sql(
                "UPDATE version SET number = number + 2 WHERE version_id = '" + one.id() + "'",
                "UPDATE version SET countersignature = (SELECT countersignature FROM version WHERE"
                        + " version_id = '"
                        + one.id()
                        + "') WHERE version_id = '"
                        + two.id()
                        + "'");
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(one, renumbered))).byRule("version.number");
        Refusal.of(() -> node.ask(node.request(two, renumbered))).byRule("version.number");
        var latest =
                GetVersionRequest.newBuilder()
                        .setVersion(
                                VersionReference.newBuilder()
                                        .setModel("acme/renumbered")
                                        .setNumber(0))
                        .build();
        Refusal.of(() -> owner.models().getVersion(latest)).isFor(Reason.VERSION_NOT_AUTHENTIC);
        var all = ListModelsRequest.getDefaultInstance();
        Refusal.of(() -> owner.models().listModels(all)).isFor(Reason.VERSION_NOT_AUTHENTIC);
        Refusal.of(() -> owner.commit(one)).isFor(Reason.VERSION_NOT_AUTHENTIC);
        vault.sql(
                "DELETE FROM wrapped_key WHERE version_id IN ('%s', '%s')"
                        .formatted(one.id(), two.id()));
        vault.sql("DELETE FROM version WHERE model = 'renumbered'");
    }
}
