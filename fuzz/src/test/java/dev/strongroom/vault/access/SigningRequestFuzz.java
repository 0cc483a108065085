package dev.strongroom.vault.access;

import dev.strongroom.crypto.Version;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.vault.refusal.RefusedException;
import java.security.KeyPair;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.params.provider.MethodSource;

/** A certificate request, of which nothing counts but a key that signed it. */
class SigningRequestFuzz {
    static List<byte[]> seeds() throws Exception {
        KeyPair keys = Version.p256();
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
        byte[] request =
                new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=node"), keys.getPublic())
                        .build(signer)
                        .getEncoded();
        byte[] signatureIsNoDer = request.clone(); // a finding
        int signature = new PKCS10CertificationRequest(request).getSignature().length;
        signatureIsNoDer[request.length - signature] = 1;
        return List.of(request, signatureIsNoDer);
    }

    @MethodSource("seeds")
    @Fuzzed
    void takesAProvenKeyOrRefuses(byte[] input) throws Exception {
        Hostile.read(input, RefusedException.class, SigningRequest::check);
    }
}
