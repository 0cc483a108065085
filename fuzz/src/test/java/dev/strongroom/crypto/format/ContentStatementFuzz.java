package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class ContentStatementFuzz extends RecordFuzz {
    ContentStatementFuzz() {
        super(Codec.CONTENT);
    }
}
