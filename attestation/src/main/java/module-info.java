/** Evidence in, trust or refusal out. Depends on nothing but the JDK. */
module dev.strongroom.attestation {
    requires static org.jspecify;
    requires static com.google.errorprone.annotations;

    exports dev.strongroom.attestation;
    exports dev.strongroom.attestation.encoding;
}
