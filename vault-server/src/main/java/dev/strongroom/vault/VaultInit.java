package dev.strongroom.vault;

import dev.strongroom.attestation.CollateralFolder;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.custody.TokenSigner;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.vault.access.AccessRole;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.LogSigner;
import dev.strongroom.vault.audit.TailKey;
import dev.strongroom.vault.audit.Witnesses;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.Meta;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The ceremony that makes a vault: its keys in the token, its identity, its data folder and the
 * first operator. It refuses a folder or a token that has been used.
 */
public final class VaultInit {
    private static final Duration OPERATOR_VALIDITY = Duration.ofDays(365);
    private static final int ORIGIN_DIGITS = 16; // enough of the key's fingerprint to be unique

    private final VaultConfig config;
    private final EvidenceVerifier verifier;
    private final Path operatorOut;
    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();

    private VaultInit(VaultConfig config, TrustAnchors anchors, Path operatorOut) {
        this.config = config;
        this.verifier =
                new EvidenceVerifier(anchors, CollateralFolder.inside(config.dataDir()), clock);
        this.operatorOut = operatorOut;
    }

    /**
     * Makes a vault.
     *
     * @param anchors the attestation roots that the folder is born under, for ever
     * @param operatorOut where the first operator's key and certificate go; a new or empty folder
     * @return what clients pin: SHA-256 of the ceremony key
     */
    public static Digest initialise(VaultConfig config, TrustAnchors anchors, Path operatorOut)
            throws StartupException {
        try {
            return new VaultInit(config, anchors, operatorOut).run();
        } catch (CustodyException e) {
            throw Custodians.trouble(config, e);
        } catch (IOException e) {
            throw new StartupException(
                    Exit.OTHER, "cannot write: " + e.getMessage() + "; nothing else was tried", e);
        } catch (SignatureException | RefusedException e) {
            throw new StartupException(
                    Exit.OTHER, "the token did not sign; check it and begin with a new one", e);
        }
    }

    private Digest run()
            throws StartupException,
                    CustodyException,
                    IOException,
                    SignatureException,
                    RefusedException {
        Path dataDir = config.dataDir();
        if (Database.exists(dataDir)) {
            throw new StartupException(
                    Exit.USAGE,
                    dataDir + " holds a vault already; start it with: vault run --config FILE");
        }
        // Everything that can fail without the token comes first.
        OperatorFiles.requireNew(operatorOut);
        OperatorFiles.makePrivate(dataDir);
        try (var _ = DataFolder.lock(dataDir);
                KeyCustodian custodian = Custodians.initialise(config, random)) {
            return makeVault(custodian);
        }
    }

    private Digest makeVault(KeyCustodian custodian)
            throws StartupException,
                    CustodyException,
                    IOException,
                    SignatureException,
                    RefusedException {
        TokenSigner ceremony = custodian.signer(SigningKey.CEREMONY, SigningKey.FIRST);
        TokenSigner signing = custodian.signer(SigningKey.SIGNING, SigningKey.FIRST);
        TokenSigner ca = custodian.signer(SigningKey.CA, SigningKey.FIRST);
        X509Certificate caCertificate =
                CertificateAuthority.selfSign(ca, SigningKey.FIRST, clock.instant(), random);
        var identity =
                VaultIdentity.first(
                        ceremony.spki(),
                        signing.spki(),
                        encoded(caCertificate),
                        custodian.info().module(),
                        custodian.info().level(),
                        verifier.tee(),
                        verifier.rootFingerprint(),
                        "strongroom/" + signing.keyId().hex().substring(0, ORIGIN_DIGITS));
        try (Database database = DataFolder.open(config.dataDir())) {
            AuditLog log =
                    AuditLog.open(
                            database,
                            LogSigner.of(identity.logOrigin(), signing, signing.spki()),
                            new TailKey(custodian.logSecret()),
                            Witnesses.none(),
                            clock);
            byte[] envelope = identity.sign(ceremony).encode();
            writeOperator(
                    log, new CertificateAuthority(ca, caCertificate, clock, random), ceremony);
            database.change(handle -> {
                Meta.CUSTODY.write(handle, Custodians.kind(config.custody()));
                Meta.TOKEN_SERIAL.write(handle, custodian.info().tokenSerial());
                Meta.TEE.write(handle, verifier.tee().label());
                Meta.ATTESTATION_ROOT.write(handle, verifier.rootFingerprint().hex());
                Meta.VAULT_IDENTITY.write(handle, HexFormat.of().formatHex(envelope));
            });
        }
        return ceremony.keyId();
    }

    private void writeOperator(AuditLog log, CertificateAuthority authority, TokenSigner ceremony)
            throws IOException, RefusedException {
        var operator = new Principal(Principal.WHOLE_VAULT, AccessRole.OPERATOR, "first");
        KeyPair key = P256.newKeyPair(random);
        byte[] spki = key.getPublic().getEncoded();
        log.appendSigned(
                Decision.of(AuditRecord.CERTIFICATE_ISSUED, Decision.VAULT, Principal.WHOLE_VAULT)
                        .with("purpose", "client")
                        .with("identity", operator.uri())
                        .with("key", Digest.sha256(spki))
                        .with("valid-days", OPERATOR_VALIDITY.toDays()));
        X509Certificate certificate =
                authority.issueClient(operator, Optional.empty(), spki, OPERATOR_VALIDITY);
        OperatorFiles.write(
                operatorOut, authority.certificate(), certificate, key, ceremony.keyId());
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("our own certificate does not encode", e);
        }
    }
}
