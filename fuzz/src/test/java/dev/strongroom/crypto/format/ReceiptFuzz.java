package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class ReceiptFuzz extends RecordFuzz {
    ReceiptFuzz() {
        super(Codec.RECEIPT);
    }
}
