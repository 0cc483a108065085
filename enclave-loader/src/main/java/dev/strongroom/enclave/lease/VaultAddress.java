package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.Digest;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Where the vault is and how both sides know each other.
 *
 * @param hostAndPort {@code host:port}
 * @param authorities CA of the vault's certificates, and while that changes both
 * @param chain this node's client certificate, role {@code node}, leaf first
 * @param key of the client certificate
 * @param pin SHA-256 of the vault's ceremony key, learnt out of band
 */
public record VaultAddress(
        String hostAndPort,
        List<X509Certificate> authorities,
        List<X509Certificate> chain,
        PrivateKey key,
        Digest pin) {
    public VaultAddress {
        authorities = List.copyOf(authorities);
        chain = List.copyOf(chain);
    }

    @Override
    public String toString() {
        return "VaultAddress[" + hostAndPort + "]";
    }
}
