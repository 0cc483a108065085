package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class CountersignatureFuzz extends RecordFuzz {
    CountersignatureFuzz() {
        super(Codec.COUNTERSIGNATURE);
    }
}
