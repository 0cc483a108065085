package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class PartRevocationFuzz extends RecordFuzz {
    PartRevocationFuzz() {
        super(Codec.PART_REVOCATION);
    }
}
