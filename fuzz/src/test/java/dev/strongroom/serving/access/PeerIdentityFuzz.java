package dev.strongroom.serving.access;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.SoftwareChip;
import java.io.ByteArrayInputStream;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** The names in a client certificate, as if its chain were good. */
class PeerIdentityFuzz {
    static List<byte[]> seeds() {
        return SoftwareChip.create(new SecureRandom(), InstantSource.system())
                .vcek(ChipConfig.launch(new byte[48], new byte[32]))
                .chain();
    }

    @MethodSource("seeds")
    @Fuzzed
    void namesOneCallerOrNobody(byte[] input) throws Exception {
        X509Certificate certificate;
        try {
            certificate =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(input));
        } catch (CertificateException e) {
            return; // TLS refuses it before we see it
        }
        Hostile.read(input, IllegalArgumentException.class, _ -> PeerIdentity.of(certificate));
    }
}
