package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class ReceiptStatementFuzz extends RecordFuzz {
    ReceiptStatementFuzz() {
        super(Codec.RECEIPT_STATEMENT);
    }
}
