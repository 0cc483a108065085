package dev.strongroom.crypto.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import java.security.SignatureException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every record has one encoding: what a reader accepts, the writer would write again; anything else
 * is a {@link SealedFormatException}.
 */
class EncodingTest {

    /** A record type with a reader that gives back the encoding of what it read. */
    enum Codec {
        CONTENT {
            @Override
            byte[] encoded() {
                return Records.content().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return ContentStatement.decode(encoded).encode();
            }
        },
        SPLIT_CONTENT {
            @Override
            byte[] encoded() {
                return Records.splitContent().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return ContentStatement.decode(encoded).encode();
            }
        },
        PART {
            @Override
            byte[] encoded() {
                return Records.part().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return PartStatement.decode(encoded).encode();
            }
        },
        PART_REVOCATION {
            @Override
            byte[] encoded() {
                return Records.partRevocation().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return PartRevocation.decode(encoded).encode();
            }
        },
        SEAL {
            @Override
            byte[] encoded() {
                return Records.seal(Records.content()).encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return SealStatement.decode(encoded).encode();
            }
        },
        RENEWED_SEAL {
            @Override
            byte[] encoded() {
                return Records.renewedSeal(Records.content()).encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return SealStatement.decode(encoded).encode();
            }
        },
        RESEAL_PROOF {
            @Override
            byte[] encoded() {
                return Records.resealProof().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return ResealProof.decode(encoded).encode();
            }
        },
        DSSE {
            @Override
            byte[] encoded() throws SignatureException {
                return Records.content().sign(Records.signer()).encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return Dsse.decode(encoded).encode();
            }
        },
        MANIFEST {
            @Override
            byte[] encoded() throws SignatureException {
                var content = Records.content();
                return new Manifest(
                                Records.SPKI,
                                content.sign(Records.signer()),
                                Records.seal(content).sign(Records.signer()))
                        .encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return Manifest.decode(encoded).encode();
            }
        },
        AUDIT {
            @Override
            byte[] encoded() {
                return Records.audit().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return AuditRecord.decode(encoded).encode();
            }
        },
        POLICY {
            @Override
            byte[] encoded() {
                return Records.policy(2, Optional.of(Digest.sha256())).encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                Dsse envelope = signed(PolicyDocument.PAYLOAD_TYPE, encoded);
                return PolicyDocument.verify(envelope, Records.KEY_ID, Records.SPKI)
                        .document()
                        .encode();
            }
        },
        IMPORT_CERTIFICATE {
            @Override
            byte[] encoded() {
                return Records.importCertificate().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                Dsse envelope = signed(ImportCertificate.PAYLOAD_TYPE, encoded);
                return ImportCertificate.verify(
                                envelope,
                                Records.SPKI,
                                Records.KEY_ID,
                                java.time.Instant.ofEpochMilli(Long.MIN_VALUE))
                        .encode();
            }
        },
        VAULT_IDENTITY {
            @Override
            byte[] encoded() {
                return Records.vaultIdentity().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                Dsse envelope = signed(VaultIdentity.PAYLOAD_TYPE, encoded);
                return VaultIdentity.verify(envelope, Records.KEY_ID).encode();
            }
        },
        LEASE {
            @Override
            byte[] encoded() {
                return Records.lease().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return Lease.verify(signed(Lease.PAYLOAD_TYPE, encoded), Records.SPKI).encode();
            }
        },
        NOTICE_TICK {
            @Override
            byte[] encoded() {
                return Records.notice(new Notice.Tick()).encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return notice(encoded);
            }
        },
        NOTICE_WITHDRAWN {
            @Override
            byte[] encoded() {
                return Records.notice(new Notice.Withdrawn(List.of(Records.KEY_ID, Records.KEY_ID)))
                        .encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return notice(encoded);
            }
        },
        NOTICE_ALIAS_MOVED {
            @Override
            byte[] encoded() {
                return Records.notice(new Notice.AliasMoved(9)).encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return notice(encoded);
            }
        },
        ALIAS_MOVE {
            @Override
            byte[] encoded() {
                return Records.aliasMove(2, Optional.of(Records.KEY_ID)).encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                Dsse signed = signed(AliasMove.PAYLOAD_TYPE, encoded);
                return AliasMove.verify(signed, Records.KEY_ID, Records.SPKI).move().encode();
            }
        },
        NOTICE_REVOKED {
            @Override
            byte[] encoded() {
                return Records.notice(new Notice.Revoked("revoked.model", "leaked", 9)).encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return notice(encoded);
            }
        },
        NOTICE_MEASURES {
            @Override
            byte[] encoded() {
                return Records.notice(
                                new Notice.Measures(
                                        List.of(
                                                new GuardMeasure(
                                                        GuardMeasure.Whose.PRINCIPAL,
                                                        "acme/consumer/eve",
                                                        GuardMeasure.Step.SUSPEND,
                                                        GuardMeasure.NO_PARDON),
                                                new GuardMeasure(
                                                        GuardMeasure.Whose.GROUP,
                                                        "Eve & Sons",
                                                        GuardMeasure.Step.THROTTLE,
                                                        3)),
                                        7))
                        .encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return notice(encoded);
            }
        },
        DECOY_PLANTING {
            @Override
            byte[] encoded() {
                return new DecoyPlanting("key", "acme/bert:2", "0123456789abcdef".repeat(2))
                        .encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return DecoyPlanting.decode(encoded).encode();
            }
        },
        QUARANTINE_LIFT {
            @Override
            byte[] encoded() {
                return new QuarantineLift("spiffe://strongroom/acme/consumer/eve", 12).encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return QuarantineLift.decode(encoded).encode();
            }
        },
        ZEROISATION {
            @Override
            byte[] encoded() {
                return Records.zeroisation().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return Zeroisation.verify(signed(Zeroisation.PAYLOAD_TYPE, encoded), Records.SPKI)
                        .encode();
            }
        },
        FINGERPRINT_COMMITMENT {
            @Override
            byte[] encoded() {
                return Records.fingerprintCommitment().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                Dsse envelope = signed(FingerprintCommitment.PAYLOAD_TYPE, encoded);
                return FingerprintCommitment.verify(envelope, Records.SPKI).encode();
            }
        },
        RECEIPT_STATEMENT {
            @Override
            byte[] encoded() {
                return Records.receiptStatement(3, Digest.sha256()).encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                Dsse envelope = signed(ReceiptStatement.PAYLOAD_TYPE, encoded);
                return ReceiptStatement.verify(envelope, Records.SPKI).encode();
            }
        },
        RECEIPT {
            @Override
            byte[] encoded() {
                List<Digest> path = List.of(Digest.sha256(), Digest.sha256());
                return Records.receipt(new byte[9], 2, path, new byte[16]).encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return Receipt.decode(encoded).encode();
            }
        },
        COUNTERSIGNATURE {
            @Override
            byte[] encoded() {
                return Records.countersignature().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                Dsse envelope = signed(Countersignature.PAYLOAD_TYPE, encoded);
                return Countersignature.verify(envelope, Records.SPKI).encode();
            }
        },
        APPROVAL_REQUEST {
            @Override
            byte[] encoded() {
                return Records.approvalRequest().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return ApprovalRequest.decode(encoded).encode();
            }
        },
        APPROVAL_STATEMENT {
            @Override
            byte[] encoded() throws SignatureException {
                return approval().encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return ApprovalStatement.decode(encoded).encode();
            }
        },
        APPROVALS {
            @Override
            byte[] encoded() throws SignatureException {
                return new Approvals(approval(), List.of(approval(), approval())).encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return Approvals.decode(encoded).encode();
            }
        },
        KEK_DESTRUCTION {
            @Override
            byte[] encoded() {
                return new KekDestruction(Records.IDENTITY.model().tenant(), 3, "00ff").encode();
            }

            @Override
            byte[] reencode(byte[] encoded) throws SealedFormatException {
                return KekDestruction.decode(encoded).encode();
            }
        };

        private static ApprovalStatement approval() throws SignatureException {
            return ApprovalStatement.sign(
                    ApprovalStatement.Word.APPROVED,
                    Records.approvalRequest(),
                    Records.signer(),
                    Records.SPKI);
        }

        private static byte[] notice(byte[] encoded) throws SealedFormatException {
            return Notice.verify(signed(Notice.PAYLOAD_TYPE, encoded), Records.SPKI).encode();
        }

        abstract byte[] encoded() throws SignatureException;

        abstract byte[] reencode(byte[] encoded) throws SealedFormatException;

        private static Dsse signed(String type, byte[] payload) {
            try {
                return Dsse.sign(type, payload, Records.signer());
            } catch (SignatureException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsWhatItWrote(Codec codec) throws Exception {
        byte[] encoded = codec.encoded();
        assertThat(codec.reencode(encoded)).isEqualTo(encoded);
    }

    @ParameterizedTest
    @EnumSource
    void refusesEveryTruncation(Codec codec) throws Exception {
        byte[] encoded = codec.encoded();
        for (int length = 0; length < encoded.length; length++) {
            byte[] torso = Arrays.copyOf(encoded, length);
            assertThatThrownBy(() -> codec.reencode(torso))
                    .isInstanceOf(SealedFormatException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesTrailingBytesOtherVersionsAndOtherDomains(Codec codec) throws Exception {
        byte[] encoded = codec.encoded();
        byte[] trailing = Arrays.copyOf(encoded, encoded.length + 1);
        byte[] version = encoded.clone();
        version[0]++;
        byte[] domain = encoded.clone();
        domain[5] ^= 1;
        for (byte[] bad : Stream.of(trailing, version, domain).toList()) {
            assertThatThrownBy(() -> codec.reencode(bad)).isInstanceOf(SealedFormatException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFlippedBitIsRefusedOrReadAsWhatItSays(Codec codec) throws Exception {
        byte[] encoded = codec.encoded();
        for (int at = 0; at < encoded.length; at++) {
            byte[] flipped = encoded.clone();
            flipped[at] ^= (byte) (1 << (at % 8));
            try {
                assertThat(codec.reencode(flipped)).isEqualTo(flipped);
            } catch (SealedFormatException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesLengthsBeyondTheLimitBeforeAllocating(Codec codec) throws Exception {
        byte[] encoded = codec.encoded();
        // The first length field is the domain's; every later one is met by the flips above.
        encoded[1] = 0x7f;
        assertThatThrownBy(() -> codec.reencode(encoded)).isInstanceOf(SealedFormatException.class);
        assertThatThrownBy(() -> codec.reencode(new byte[Dsse.MAX_PAYLOAD_BYTES]))
                .isInstanceOf(SealedFormatException.class);
    }
}
