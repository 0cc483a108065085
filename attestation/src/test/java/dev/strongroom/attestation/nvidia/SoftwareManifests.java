package dev.strongroom.attestation.nvidia;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.p384.SoftwareAuthority;
import dev.strongroom.attestation.p384.SoftwareAuthority.Profile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Signs reference manifests of NVIDIA's form under a root of its own. */
final class SoftwareManifests {
    static final String C14N = "http://www.w3.org/2006/12/xml-c14n11";

    private final SoftwareAuthority root =
            SoftwareAuthority.root(
                    "manifests", Profile.authority(SoftwareGpu.NOW, Profile.UNBOUNDED));
    private final SoftwareAuthority signer = root.issue("signer", Profile.leaf(SoftwareGpu.NOW));

    Digest rootFingerprint() {
        return root.fingerprint();
    }

    /** A manifest for a version, whose active references are given by index. */
    byte[] manifest(String version, Map<Integer, String> active) {
        var resources = new StringBuilder();
        active.forEach((index, value) -> resources.append(resource(index, "True", value)));
        return sign(tag(version, resources.toString()));
    }

    static String tag(String version, String resources) {
        return """
        <SoftwareIdentity xmlns="http://standards.iso.org/iso/19770/-2/2015/schema.xsd" \
        xmlns:n="http://standards.iso.org/iso/19770/-2/2015/schema.xsd" \
        xmlns:h="http://www.w3.org/2001/04/xmlenc#sha384" name="GH000">
        <n:Meta colloquialVersion="%s"/><n:Payload>%s</n:Payload></SoftwareIdentity>\
        """
                .formatted(version, resources);
    }

    static String resource(int index, String active, String value) {
        return """
        <n:Resource type="Measurement" index="%d" active="%s" alternatives="1" \
        h:Hash0="%s" name="m" size="48"/>\
        """
                .formatted(index, active, value);
    }

    byte[] sign(String xml) {
        return sign(xml, "", List.of(Transform.ENVELOPED, C14N));
    }

    byte[] sign(String xml, String uri, List<String> transforms) {
        try {
            Document document = parse(xml);
            var factory = XMLSignatureFactory.getInstance("DOM");
            var list = transforms.stream().map(algorithm -> transform(factory, algorithm)).toList();
            var sha384 =
                    factory.newDigestMethod("http://www.w3.org/2001/04/xmldsig-more#sha384", null);
            var info =
                    factory.newSignedInfo(
                            factory.newCanonicalizationMethod(C14N, (C14NMethodParameterSpec) null),
                            factory.newSignatureMethod(
                                    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", null),
                            List.of(factory.newReference(uri, sha384, list, null, null)));
            var context =
                    new DOMSignContext(signer.keys().getPrivate(), document.getDocumentElement());
            context.setDefaultNamespacePrefix("ds");
            factory.newXMLSignature(info, null).sign(context);
            addChain(document);
            return write(document);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Transform transform(XMLSignatureFactory factory, String algorithm) {
        try {
            return factory.newTransform(algorithm, (TransformParameterSpec) null);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void addChain(Document document) {
        String dsig = "http://www.w3.org/2000/09/xmldsig#";
        var signature = (Element) document.getElementsByTagNameNS(dsig, "Signature").item(0);
        Element data = document.createElementNS(dsig, "ds:X509Data");
        for (SoftwareAuthority authority : List.of(signer, root)) {
            Element certificate = document.createElementNS(dsig, "ds:X509Certificate");
            certificate.setTextContent(
                    Base64.getMimeEncoder().encodeToString(authority.certificate()));
            data.appendChild(certificate);
        }
        Element info = document.createElementNS(dsig, "ds:KeyInfo");
        info.appendChild(data);
        signature.appendChild(info);
    }

    private static Document parse(String xml) throws Exception {
        var factory = DocumentBuilderFactory.newDefaultInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] write(Document document) throws Exception {
        var out = new ByteArrayOutputStream();
        TransformerFactory.newDefaultInstance()
                .newTransformer()
                .transform(new DOMSource(document), new StreamResult(out));
        return out.toByteArray();
    }
}
