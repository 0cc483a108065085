package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class PartStatementFuzz extends RecordFuzz {
    PartStatementFuzz() {
        super(Codec.PART);
    }
}
