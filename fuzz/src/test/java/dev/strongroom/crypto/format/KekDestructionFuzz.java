package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class KekDestructionFuzz extends RecordFuzz {
    KekDestructionFuzz() {
        super(Codec.KEK_DESTRUCTION);
    }
}
