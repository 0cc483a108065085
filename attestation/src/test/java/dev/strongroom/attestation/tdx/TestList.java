package dev.strongroom.attestation.tdx;

import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v2CRLBuilder;

/** A revocation list whose every detail a test can get wrong before it is issued. */
final class TestList {
    final List<BigInteger> revoked = new ArrayList<>();
    String issuerName;
    KeyPair issuerKey;
    Instant thisUpdate = TestCertificate.NOW.minus(Duration.ofDays(1));
    Instant nextUpdate = TestCertificate.NOW.plus(Duration.ofDays(1));
    String algorithm = "SHA256withECDSA";
    boolean isDelta;

    TestList(TestCertificate issuer) {
        issuerName = issuer.name;
        issuerKey = issuer.key;
    }

    byte[] encoded() {
        try {
            var builder =
                    new X509v2CRLBuilder(
                            TestCertificate.distinguished(issuerName), Date.from(thisUpdate));
            builder.setNextUpdate(Date.from(nextUpdate));
            builder.addExtension(Extension.cRLNumber, false, new ASN1Integer(1));
            if (isDelta) {
                builder.addExtension(Extension.deltaCRLIndicator, true, new ASN1Integer(1));
            }
            for (BigInteger serial : revoked) {
                builder.addCRLEntry(serial, Date.from(thisUpdate), CRLReason.keyCompromise);
            }
            return builder.build(TestCertificate.signer(issuerKey, algorithm)).getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException("encoding to memory", e);
        }
    }
}
