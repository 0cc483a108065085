package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class ResealProofFuzz extends RecordFuzz {
    ResealProofFuzz() {
        super(Codec.RESEAL_PROOF);
    }
}
