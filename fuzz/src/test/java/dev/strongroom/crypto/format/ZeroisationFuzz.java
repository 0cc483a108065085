package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class ZeroisationFuzz extends RecordFuzz {
    ZeroisationFuzz() {
        super(Codec.ZEROISATION);
    }
}
