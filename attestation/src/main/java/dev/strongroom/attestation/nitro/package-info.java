/**
 * AWS Nitro enclaves: attestation documents, their certificates and their signature.
 *
 * <p>Source: aws-nitro-enclaves-nsm-api, {@code docs/attestation_process.md} (layout, limits,
 * rules), RFC 9052 (COSE_Sign1), RFC 9053 (ES384).
 *
 * <p>How our transcript gets into a document: {@code user_data} is the report data, 64 bytes, and
 * nothing else; {@code nonce} and {@code public_key} stay empty, because the report data already
 * speaks for the verifier's nonce and for the release key. How the owner gets into it: the owner
 * signs the enclave image with a certificate for the owner root's key, and the hypervisor measures
 * that certificate into PCR8. Presented with the document, its SubjectPublicKeyInfo gives the owner
 * id.
 *
 * <p>The claims of an authentic document, as a release policy names them. Byte strings are
 * lower-case hex, numbers decimal.
 *
 * <table>
 * <caption>Claims</caption>
 * <tr><td>tee</td><td>{@code nitro} or {@code simulated}</td></tr>
 * <tr><td>nitro.module-id</td><td>the enclave, as its parent instance names it</td></tr>
 * <tr><td>nitro.instance-id</td><td>the parent instance: the module id up to {@code -enc}; absent
 *     where it has another form</td></tr>
 * <tr><td>nitro.digest</td><td>{@code SHA384}</td></tr>
 * <tr><td>nitro.timestamp</td><td>milliseconds since 1970, by the hypervisor's clock</td></tr>
 * <tr><td>nitro.debug</td><td>{@code true} if PCR0, PCR1 and PCR2 are zero: the parent instance
 *     reads the enclave's console, and nothing is measured</td></tr>
 * <tr><td>nitro.pcr0 to nitro.pcr31</td><td>hex of 48 bytes each, as far as they are locked: 0 the
 *     image, 1 kernel and boot file system, 2 applications, 3 role of the parent instance, 4 its id,
 *     8 the certificate that signed the image; zero when unused</td></tr>
 * <tr><td>nitro.public-key, nitro.user-data, nitro.nonce</td><td>hex; absent if null or empty</td></tr>
 * </table>
 */
@NullMarked
package dev.strongroom.attestation.nitro;

import org.jspecify.annotations.NullMarked;
