package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;

class ImportCertificateFuzz extends RecordFuzz {
    ImportCertificateFuzz() {
        super(Codec.IMPORT_CERTIFICATE);
    }
}
