/** Formats, sealing, opening and key custody. */
module dev.strongroom.crypto {
    requires static org.jspecify;
    requires static com.google.errorprone.annotations;
    requires transitive dev.strongroom.attestation;
    requires org.bouncycastle.provider;
    requires org.conscrypt;
    requires org.slf4j;

    exports dev.strongroom.crypto.format;
    exports dev.strongroom.crypto.output;
    exports dev.strongroom.crypto.puzzle;
    exports dev.strongroom.crypto.transparency;
    exports dev.strongroom.crypto.peer;
    exports dev.strongroom.crypto.seal to
            dev.strongroom.client,
            dev.strongroom.enclave;
    exports dev.strongroom.crypto.open to
            dev.strongroom.enclave;
    exports dev.strongroom.crypto.custody to
            dev.strongroom.vault,
            dev.strongroom.ops; // `doctor` asks a module who it is and catches what that throws
    exports dev.strongroom.crypto.custody.bcfks to
            dev.strongroom.vault,
            dev.strongroom.ops;
    exports dev.strongroom.crypto.custody.pkcs11 to
            dev.strongroom.vault,
            dev.strongroom.ops;
}
