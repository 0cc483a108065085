package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class ApprovalStatementFuzz extends RecordFuzz {
    ApprovalStatementFuzz() {
        super(Codec.APPROVAL_STATEMENT);
    }
}
