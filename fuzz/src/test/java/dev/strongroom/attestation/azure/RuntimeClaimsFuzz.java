package dev.strongroom.attestation.azure;

import dev.strongroom.attestation.tpm.SoftwareVtpm;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Azure's JSON: the paravisor's runtime data, and evidence as attesters hand it on. */
class RuntimeClaimsFuzz {
    static List<byte[]> seeds() {
        String runtime = SoftwareHcl.json(new SoftwareVtpm().key());
        String handedOn =
                "{\"version\":1,\"tpm_quote\":{\"message\":\"ff544347\",\"signature\":\"00\","
                        + "\"pcrs\":[\"00\"]},\"hcl_report\":\"SENMQQ\",\"vcek\":\"MAA\"}";
        return List.of(
                runtime.getBytes(StandardCharsets.US_ASCII),
                handedOn.getBytes(StandardCharsets.US_ASCII));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsJsonOrRefuses(byte[] input) throws Exception {
        Hostile.read(input, AzureFormatException.class, RuntimeClaims::parse);
        Hostile.read(input, AzureFormatException.class, CocoEvidence::parse);
    }
}
