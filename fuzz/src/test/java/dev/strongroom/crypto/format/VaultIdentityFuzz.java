package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class VaultIdentityFuzz extends RecordFuzz {
    VaultIdentityFuzz() {
        super(Codec.VAULT_IDENTITY);
    }
}
