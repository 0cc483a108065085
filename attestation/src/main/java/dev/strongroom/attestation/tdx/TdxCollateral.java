package dev.strongroom.attestation.tdx;

import java.util.List;

/**
 * What is needed beside a quote to judge it, each as Intel's provisioning certification service
 * gives it, in any order and possibly for other platforms too: signatures and dates decide. Nothing
 * here is fetched; nothing here is trusted.
 *
 * @param certificates X.509, DER: the TCB signing certificate; others do no harm
 * @param revocationLists DER: of the root and of the PCK authority; both are needed
 * @param tcbInfos JSON, byte for byte, since the signature is over a part of it
 * @param qeIdentities JSON, byte for byte: of the TD quoting enclave
 */
public record TdxCollateral(
        List<byte[]> certificates,
        List<byte[]> revocationLists,
        List<byte[]> tcbInfos,
        List<byte[]> qeIdentities) {
    public TdxCollateral {
        certificates = List.copyOf(certificates);
        revocationLists = List.copyOf(revocationLists);
        tcbInfos = List.copyOf(tcbInfos);
        qeIdentities = List.copyOf(qeIdentities);
    }
}
