package dev.strongroom.attestation.nvidia;

import static dev.strongroom.attestation.nvidia.SoftwareManifests.resource;
import static dev.strongroom.attestation.nvidia.SoftwareManifests.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.crypto.dsig.Transform;
import org.junit.jupiter.api.Test;

/** Manifests signed under a root of this run. */
class ReferenceManifestTest {
    private static final SoftwareManifests SIGNER = new SoftwareManifests();
    private static final String VALUE = "ab".repeat(48);
    private static final String RESOURCE = resource(1, "True", VALUE);

    @Test
    void readsActiveReferences() throws RimFormatException {
        byte[] xml = SIGNER.sign(tag("1.2.3", RESOURCE + resource(2, "False", "00".repeat(48))));
        assertThat(parse(xml)).isEqualTo(new ReferenceManifest("1.2.3", Map.of(1, Set.of(VALUE))));
    }

    @Test
    void readsAlternatives() throws RimFormatException {
        String two =
                RESOURCE.replace(
                        "alternatives=\"1\"",
                        "alternatives=\"2\" h:Hash1=\"" + "CD".repeat(48) + "\"");
        assertThat(parse(SIGNER.sign(tag("1", two))).active())
                .containsEntry(1, Set.of(VALUE, "cd".repeat(48)));
    }

    @Test
    void refusesAChangeOfWhatIsSigned() {
        String genuine = text(SIGNER.sign(tag("1", RESOURCE)));
        assertRefused(genuine.replace("\"True\"", "\"False\""), "did not sign");
        assertRefused(genuine.replace(VALUE, "ac" + VALUE.substring(2)), "did not sign");
        assertRefused(
                genuine.replace("<n:Payload>", "<n:Payload>" + resource(3, "True", VALUE)),
                "did not sign");
        assertRefused(genuine.replace("GH000", "GH001"), "did not sign");
    }

    @Test
    void refusesASignatureWrappedAsideOrTwice() {
        String genuine = text(SIGNER.sign(tag("1", RESOURCE)));
        String forged = tag("1", resource(1, "True", "cd".repeat(48)));
        String nested = genuine.substring(genuine.indexOf("<Soft"));
        assertRefused(
                forged.replace("</SoftwareIdentity>", nested + "</SoftwareIdentity>"),
                "one element Signature");
        String signature =
                genuine.substring(
                        genuine.indexOf("<ds:Signature "),
                        genuine.indexOf("</ds:Signature>") + "</ds:Signature>".length());
        assertRefused(
                forged.replace("</SoftwareIdentity>", signature + "</SoftwareIdentity>"),
                "did not sign");
        assertRefused(
                genuine.replace("</SoftwareIdentity>", signature + "</SoftwareIdentity>"),
                "one element Signature");
    }

    @Test
    void refusesASignatureOfAnotherShape() {
        assertRefused(
                text(SIGNER.sign(tag("1", RESOURCE), "", List.of(Transform.ENVELOPED))),
                "whole document");
        assertRefused(
                text(
                        SIGNER.sign(
                                tag("1", RESOURCE),
                                "",
                                List.of(
                                        Transform.ENVELOPED,
                                        "http://www.w3.org/2001/10/xml-exc-c14n#"))),
                "whole document");
        String genuine = text(SIGNER.sign(tag("1", RESOURCE)));
        assertRefused(
                genuine.replace("xmldsig-more#ecdsa-sha384", "xmldsig-more#ecdsa-sha256"),
                "whole document");
    }

    @Test
    void refusesAnUnsignedManifestOrOneUnderAnotherRoot() {
        assertRefused(tag("1", RESOURCE), "one element Signature");
        byte[] other = new SoftwareManifests().sign(tag("1", RESOURCE));
        assertRefused(text(other), "root that is not pinned");
    }

    @Test
    void refusesAfterItsSignersTime() {
        byte[] xml = SIGNER.sign(tag("1", RESOURCE));
        Instant later = SoftwareGpu.NOW.plus(Duration.ofDays(1));
        assertThatThrownBy(
                        () -> ReferenceManifest.parse(xml, Set.of(SIGNER.rootFingerprint()), later))
                .isInstanceOf(RimFormatException.class)
                .hasMessageContaining("not valid at");
    }

    @Test
    void refusesADocumentType() {
        assertRefused("<!DOCTYPE a [<!ENTITY b \"c\">]>" + tag("1", RESOURCE), "document type");
        assertRefused(
                "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">" + tag("1", RESOURCE), "document type");
        assertRefused("<a", "document type");
        assertRefused("", "document type");
        assertRefused(" ".repeat(256 * 1024 + 1), "at most");
    }

    @Test
    void refusesFieldsOutsideTheirLimits() {
        assertFields("", "an active measurement");
        assertFields(resource(1, "False", VALUE), "an active measurement");
        assertFields(resource(1, "true", VALUE), "True or False");
        assertFields(RESOURCE + RESOURCE, "each index once");
        assertFields(RESOURCE.replace("index=\"1\"", "index=\"255\""), "index");
        assertFields(RESOURCE.replace("index=\"1\"", "index=\"-1\""), "index");
        assertFields(RESOURCE.replace("index=\"1\"", ""), "index");
        assertFields(RESOURCE.replace("size=\"48\"", "size=\"47\""), "stated size");
        assertFields(RESOURCE.replace("size=\"48\"", "size=\"65\""), "size");
        assertFields(RESOURCE.replace("alternatives=\"1\"", "alternatives=\"2\""), "stated size");
        assertFields(RESOURCE.replace("alternatives=\"1\"", "alternatives=\"65\""), "alternatives");
        assertFields(resource(1, "True", "xy".repeat(48)), "stated size");
        assertRefused(text(SIGNER.sign(tag("", RESOURCE))), "version");
        assertRefused(
                text(SIGNER.sign(tag("1", RESOURCE).replace("SoftwareIdentity", "Other"))),
                "software identity");
        assertRefused(
                text(SIGNER.sign(tag("1", RESOURCE).replace("n:Payload", "n:Other"))), "Payload");
    }

    private static void assertFields(String resources, String expected) {
        assertRefused(text(SIGNER.sign(tag("1", resources))), expected);
    }

    private static void assertRefused(String xml, String expected) {
        assertThatThrownBy(() -> parse(xml.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(RimFormatException.class)
                .hasMessageContaining(expected);
    }

    private static ReferenceManifest parse(byte[] xml) throws RimFormatException {
        Set<Digest> roots = Set.of(SIGNER.rootFingerprint());
        return ReferenceManifest.parse(xml, roots, SoftwareGpu.NOW);
    }

    private static String text(byte[] xml) {
        return new String(xml, StandardCharsets.UTF_8);
    }
}
