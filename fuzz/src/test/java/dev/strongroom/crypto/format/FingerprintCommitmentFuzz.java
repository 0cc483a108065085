package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class FingerprintCommitmentFuzz extends RecordFuzz {
    FingerprintCommitmentFuzz() {
        super(Codec.FINGERPRINT_COMMITMENT);
    }
}
