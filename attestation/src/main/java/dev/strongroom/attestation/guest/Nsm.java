package dev.strongroom.attestation.guest;

import java.io.IOException;

/** The Nitro Secure Module of an enclave, behind an interface because few machines have one. */
interface Nsm {
    /**
     * Hands over one request and waits for its response, both CBOR.
     *
     * @throws IOException if the device is not there or did not answer
     */
    byte[] process(byte[] request) throws IOException;
}
