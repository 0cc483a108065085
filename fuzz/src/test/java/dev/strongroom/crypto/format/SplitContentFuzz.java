package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class SplitContentFuzz extends RecordFuzz {
    SplitContentFuzz() {
        super(Codec.SPLIT_CONTENT);
    }
}
