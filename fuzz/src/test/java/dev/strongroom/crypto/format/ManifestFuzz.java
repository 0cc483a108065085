package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class ManifestFuzz extends RecordFuzz {
    ManifestFuzz() {
        super(Codec.MANIFEST);
    }
}
