package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.proto.v1.CreateTenantRequest;
import dev.strongroom.proto.v1.CreateTenantResponse;
import dev.strongroom.proto.v1.IssueCertificateRequest;
import dev.strongroom.proto.v1.IssueCertificateResponse;
import dev.strongroom.proto.v1.ListIdentitiesRequest;
import dev.strongroom.proto.v1.ListIdentitiesResponse;
import dev.strongroom.proto.v1.WithdrawIdentityRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** What an operator does: tenants and identities. Not thread-safe. */
public final class Administration {
    private final VaultConnection vault;
    private final SecureRandom random;

    /**
     * @param vault with an operator's identity
     */
    public Administration(VaultConnection vault, SecureRandom random) {
        this.vault = vault;
        this.random = random;
    }

    /**
     * Creates a tenant for an owner.
     *
     * @return the version of its first key-encryption key
     */
    public int createTenant(TenantName tenant, PublicKey ownerRoot) throws ClientException {
        byte[] spki = ownerRoot.getEncoded();
        CreateTenantResponse response =
                vault.admin()
                        .createTenant(
                                CreateTenantRequest.newBuilder()
                                        .setTenant(tenant.value())
                                        .setOwnerRootSpki(ByteString.copyFrom(spki))
                                        .build());
        Checks.require(
                Arrays.equals(response.getOwnerId().toByteArray(), P256.keyId(spki).bytes()),
                "the vault registered another owner",
                "do not use this tenant; ask the vault's operator");
        return response.getKekVersion();
    }

    /**
     * Ends every certificate issued to an identity so far, from the next call on.
     *
     * @param identity URI as certificates carry it
     * @return index of the decision's leaf in the vault's log
     */
    public long withdrawIdentity(String identity) {
        return vault.admin()
                .withdrawIdentity(
                        WithdrawIdentityRequest.newBuilder().setIdentity(identity).build())
                .getProof()
                .getLeafIndex();
    }

    /** How many certificates {@link #withdrawIdentity} would end now; ends none. */
    public long withdrawable(String identity) {
        return vault.admin()
                .planWithdrawIdentity(
                        WithdrawIdentityRequest.newBuilder().setIdentity(identity).build())
                .getCertificates();
    }

    /** Everybody a certificate was ever issued to, as the vault tells it. */
    public List<ListIdentitiesResponse.Identity> identities() {
        return vault.admin()
                .listIdentities(ListIdentitiesRequest.getDefaultInstance())
                .getIdentitiesList();
    }

    /**
     * Whom a certificate is for.
     *
     * @param tenant empty for operators and auditors of the whole vault
     * @param role owner, operator, node, consumer or auditor
     * @param group of callers of models that he shares limits with; empty for none, or for that of
     *     the certificates he has
     * @param validDays 0 for the vault's default
     */
    public record Subject(
            Optional<TenantName> tenant,
            String role,
            String name,
            Optional<String> group,
            int validDays) {}

    /**
     * Makes a key on this machine, has the vault certify it and writes the profile.
     *
     * @param into may hold an owner root already, but no identity
     * @param owner the owner whose statements the new identity believes
     * @param pin what the new identity pins
     * @return when its certificate ends
     * @throws ClientException of kind CONFLICT when the folder has an identity
     */
    public Instant createIdentity(
            Subject subject, Profile into, Digest pin, Optional<Digest> owner, String vaultAddress)
            throws ClientException, IOException {
        if (Files.exists(into.key())) {
            throw new ClientException(
                    ClientException.Kind.CONFLICT,
                    into.folder() + " has an identity already",
                    "choose another folder");
        }
        KeyPair keys = P256.newKeyPair(random);
        IssueCertificateResponse issued =
                vault.admin()
                        .issueCertificate(
                                IssueCertificateRequest.newBuilder()
                                        .setTenant(subject.tenant.map(TenantName::value).orElse(""))
                                        .setRole(subject.role)
                                        .setName(subject.name)
                                        .setGroup(subject.group.orElse(""))
                                        .setCsr(ByteString.copyFrom(request(keys, subject.name)))
                                        .setValidDays(subject.validDays)
                                        .build());
        write(into, keys, issued);
        into.write("pin.txt", pin.hex());
        into.write("vault.txt", vaultAddress);
        if (owner.isPresent()) {
            into.write("owner.txt", owner.get().hex());
        }
        return Pem.readCertificates(into.certificate()).getFirst().getNotAfter().toInstant();
    }

    private void write(Profile into, KeyPair keys, IssueCertificateResponse issued)
            throws ClientException, IOException {
        LocalFiles.ownerFolder(into.folder());
        var chain = new ByteArrayOutputStream();
        issued.getChainList()
                .forEach(der -> chain.writeBytes(Pem.ofCertificate(der.toByteArray())));
        LocalFiles.replace(into.certificate(), chain.toByteArray());
        Path authority = vault.profile().certificateAuthority();
        LocalFiles.replace(into.certificateAuthority(), Files.readAllBytes(authority));
        byte[] pkcs8 = keys.getPrivate().getEncoded();
        try {
            LocalFiles.createSecret(into.key(), Pem.ofPrivateKey(pkcs8));
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    private byte[] request(KeyPair keys, String name) throws ClientException, IOException {
        if (!name.matches("[A-Za-z0-9._-]{1,63}")) {
            throw ClientException.local(
                    "identity name: expected 1 to 63 of A-Za-z0-9._-", "choose another name");
        }
        try {
            var signer =
                    new JcaContentSignerBuilder("SHA256withECDSA")
                            .setSecureRandom(random)
                            .build(keys.getPrivate());
            return new JcaPKCS10CertificationRequestBuilder(
                            new X500Principal("CN=" + name), keys.getPublic())
                    .build(signer)
                    .getEncoded();
        } catch (OperatorCreationException e) {
            throw new IllegalStateException("every JDK signs with P-256", e);
        }
    }
}
