package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class AliasMoveFuzz extends RecordFuzz {
    AliasMoveFuzz() {
        super(Codec.ALIAS_MOVE);
    }
}
