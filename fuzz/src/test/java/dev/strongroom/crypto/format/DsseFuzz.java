package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class DsseFuzz extends RecordFuzz {
    DsseFuzz() {
        super(Codec.DSSE);
    }
}
