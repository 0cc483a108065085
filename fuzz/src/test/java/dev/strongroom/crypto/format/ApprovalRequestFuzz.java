package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class ApprovalRequestFuzz extends RecordFuzz {
    ApprovalRequestFuzz() {
        super(Codec.APPROVAL_REQUEST);
    }
}
