package dev.strongroom.attestation.azure;

import dev.strongroom.attestation.tpm.TpmEvidence;

/**
 * What an Azure confidential VM shows, all untrusted. Certificates, revocation lists and collateral
 * of the processor's vendor travel apart.
 *
 * @param hclReport as read from NV index 0x01400001
 * @param tdQuote the TDX quote over the TDREPORT in the HCL report; empty on SEV-SNP
 * @param tpm the vTPM's quote; its qualifying data is what the evidence speaks for
 */
public record AzureEvidence(byte[] hclReport, byte[] tdQuote, TpmEvidence tpm) {}
