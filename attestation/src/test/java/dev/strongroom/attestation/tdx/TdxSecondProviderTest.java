package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.tdx.Vectors.Vector;
import java.nio.file.Files;
import java.security.Security;
import java.security.Signature;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;

/** A second implementation of every algorithm, first in line, comes to the same verdicts. */
class TdxSecondProviderTest {
    private static final TdxVerifier INTEL = new TdxVerifier(TdxRoots.intel(), Tee.TDX);

    @Test
    void agreesWithTheJdkOnEveryVector() throws Exception {
        List<String> jdk = verdicts();
        var provider = new BouncyCastleProvider();
        Security.insertProviderAt(provider, 1);
        try {
            assertThat(Signature.getInstance("SHA256withECDSAinP1363Format").getProvider())
                    .isSameAs(provider);
            assertThat(verdicts()).isEqualTo(jdk).isNotEmpty();
        } finally {
            Security.removeProvider(provider.getName());
        }
    }

    private static List<String> verdicts() {
        var verdicts = new ArrayList<String>();
        var seen = new HashSet<String>();
        for (Vector vector : Vectors.all().toList()) {
            verdicts.add(vector + ": " + verdict(vector, vector.quote()));
            var twins = vector.folder().resolve("neg");
            if (Files.isDirectory(twins) && seen.add(vector.name())) {
                Vectors.list(twins)
                        .map(Vectors::bytes)
                        .forEach(twin -> verdicts.add(vector + ": " + verdict(vector, twin)));
            }
        }
        return verdicts;
    }

    private static String verdict(Vector vector, byte[] quote) {
        return switch (INTEL.verify(quote, vector.collateral(), vector.verifyAt())) {
            case TdxVerdict.Authentic authentic -> authentic.claims().values().toString();
            case TdxVerdict.Refused refused -> refused.rule();
        };
    }
}
