package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class ApprovalsFuzz extends RecordFuzz {
    ApprovalsFuzz() {
        super(Codec.APPROVALS);
    }
}
