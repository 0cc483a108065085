package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class NoticeFuzz extends RecordFuzz {
    NoticeFuzz() {
        super(Codec.NOTICE_WITHDRAWN);
    }
}
