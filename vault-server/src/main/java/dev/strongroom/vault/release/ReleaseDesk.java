package dev.strongroom.vault.release;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EnclaveKey;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditProof;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.RefusedException;
import org.jdbi.v3.core.Handle;

/**
 * Releases the data key to a node whose evidence was judged: looks again and writes the decision
 * down in one transaction, and only then has the token wrap the key to the attested node.
 *
 * <p>Thread-safe.
 */
public final class ReleaseDesk {
    private final AuditLog log;
    private final KeyCustodian custodian;
    private final LeaseOffice office;
    private final Challenges challenges;
    private final StillGood stillGood;

    public ReleaseDesk(
            AuditLog log,
            KeyCustodian custodian,
            LeaseOffice office,
            Challenges challenges,
            StillGood stillGood) {
        this.log = log;
        this.custodian = custodian;
        this.office = office;
        this.challenges = challenges;
        this.stillGood = stillGood;
    }

    LeaseDecision release(Principal caller, Appraisal.Releasable good)
            throws Overtaken, RefusedException, CustodyException {
        AuditReceipt receipt = log.<Overtaken>append(handle -> decide(handle, caller, good));
        challenges.forget(good.request().nonce());
        FaultPoint.RELEASE_AUDITED.reached();
        AuditProof proof = prove(caller, good, receipt);
        WrappedKey.ForEnclave key = wrap(caller, good, receipt);
        return new LeaseDecision.Released(office.grant(good, receipt, proof), key.bytes());
    }

    /** Nonce, policies, lease number and record in one transaction. */
    private Decision decide(Handle handle, Principal caller, Appraisal.Releasable good)
            throws Overtaken {
        stillGood.require(handle, good);
        stillGood.requireStanding(caller, Principal.currentKey());
        stillGood.requireBoot(caller, good.request());
        Attested<EnclaveKey> enclave = good.node();
        Decision decision =
                office.describe(handle, AuditRecord.KEY_RELEASED, caller, good)
                        .with("kek", good.key().kekVersion())
                        .with("trust-level", good.key().level().name())
                        .with("kem-key", Digest.sha256(enclave.value().kemSpki()));
        stillGood.requireNotRevoked(decision);
        return NodeClaims.recorded(decision, enclave.claims());
    }

    /** Nothing leaves the token before the witnesses that the owner demands know of it. */
    private AuditProof prove(Principal caller, Appraisal.Releasable good, AuditReceipt receipt)
            throws RefusedException {
        try {
            return WitnessDemand.prove(log, receipt, good.policies());
        } catch (RefusedException e) {
            log.append(failed(caller, good, receipt).with("reason", e.reason()));
            throw e;
        }
    }

    /** The one line by which a data key leaves the vault. */
    private WrappedKey.ForEnclave wrap(
            Principal caller, Appraisal.Releasable good, AuditReceipt receipt)
            throws CustodyException {
        try {
            return custodian.releaseTo(good.key(), good.node());
        } catch (CustodyException e) {
            log.append(failed(caller, good, receipt).with("reason", e.reason()));
            throw e;
        }
    }

    /** A release that was decided and then failed is written down as well. */
    private static Decision failed(
            Principal caller, Appraisal.Releasable good, AuditReceipt receipt) {
        return LeaseOffice.describe(AuditRecord.RELEASE_FAILED, caller, good.request())
                .with("release-leaf", receipt.leafIndex());
    }
}
