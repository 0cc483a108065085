package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class LeaseFuzz extends RecordFuzz {
    LeaseFuzz() {
        super(Codec.LEASE);
    }
}
