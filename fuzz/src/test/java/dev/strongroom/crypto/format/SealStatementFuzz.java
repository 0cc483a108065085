package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class SealStatementFuzz extends RecordFuzz {
    SealStatementFuzz() {
        super(Codec.SEAL);
    }
}
