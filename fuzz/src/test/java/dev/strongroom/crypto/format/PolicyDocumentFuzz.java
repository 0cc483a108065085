package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class PolicyDocumentFuzz extends RecordFuzz {
    PolicyDocumentFuzz() {
        super(Codec.POLICY);
    }
}
