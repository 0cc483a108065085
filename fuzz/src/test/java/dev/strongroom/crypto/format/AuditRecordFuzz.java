package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class AuditRecordFuzz extends RecordFuzz {
    AuditRecordFuzz() {
        super(Codec.AUDIT);
    }
}
