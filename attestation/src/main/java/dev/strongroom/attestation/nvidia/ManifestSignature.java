package dev.strongroom.attestation.nvidia;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.p384.ChainRefusal;
import dev.strongroom.attestation.p384.P384Certificate;
import dev.strongroom.attestation.p384.P384Chain;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.xml.crypto.MarshalException;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureException;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * The XML signature of a manifest, of the one shape that NVIDIA uses: enveloped in the root
 * element, one reference to the whole document, canonical XML 1.1, ECDSA on P-384 with SHA-384, the
 * signer's chain inside. A signature of any other shape is refused, so that there is nothing it
 * leaves out.
 */
final class ManifestSignature {
    private static final String DSIG = XMLSignature.XMLNS;
    private static final String C14N = "http://www.w3.org/2006/12/xml-c14n11";
    private static final String ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384";
    private static final String SHA384 = "http://www.w3.org/2001/04/xmldsig-more#sha384";

    private ManifestSignature() {}

    /**
     * Verifies.
     *
     * @throws RimFormatException if the document is not signed under one of these roots
     */
    static void verify(Document document, Set<Digest> roots, Instant now)
            throws RimFormatException {
        Element element = ManifestXml.child(document.getDocumentElement(), DSIG, "Signature");
        P384Certificate signer = signer(element, roots, now);
        try {
            var context = new DOMValidateContext(signer.key(), element);
            context.setProperty("org.jcp.xml.dsig.secureValidation", true);
            XMLSignature signature =
                    XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context);
            requireShape(signature.getSignedInfo());
            if (!signature.validate(context)) {
                throw new RimFormatException("manifest: its signer did not sign what it says");
            }
        } catch (MarshalException | XMLSignatureException e) {
            throw new RimFormatException("manifest: expected an XML signature");
        }
    }

    private static void requireShape(SignedInfo info) throws RimFormatException {
        if (!C14N.equals(info.getCanonicalizationMethod().getAlgorithm())
                || !ECDSA.equals(info.getSignatureMethod().getAlgorithm())
                || info.getReferences().size() != 1
                || !isWholeDocument(info.getReferences().getFirst())) {
            throw new RimFormatException(
                    "manifest: expected one signature over the whole document, ECDSA with SHA-384");
        }
    }

    private static boolean isWholeDocument(Reference reference) {
        List<String> transforms =
                reference.getTransforms().stream().map(Transform::getAlgorithm).toList();
        return "".equals(reference.getURI())
                && SHA384.equals(reference.getDigestMethod().getAlgorithm())
                && transforms.equals(List.of(Transform.ENVELOPED, C14N));
    }

    private static P384Certificate signer(Element signature, Set<Digest> roots, Instant now)
            throws RimFormatException {
        Element info = ManifestXml.child(signature, DSIG, "KeyInfo");
        var chain = new ArrayList<P384Certificate>();
        try {
            for (Element certificate :
                    ManifestXml.children(ManifestXml.child(info, DSIG, "X509Data"))) {
                String base64 = certificate.getTextContent().replaceAll("\\s", "");
                chain.add(P384Certificate.parse(Base64.getDecoder().decode(base64)));
                if (chain.size() > P384Chain.MAX_CERTIFICATES) {
                    break;
                }
            }
            return P384Chain.verify(chain, roots, now).leaf();
        } catch (IllegalArgumentException e) {
            throw new RimFormatException("manifest: certificate: expected base64");
        } catch (ChainRefusal e) {
            throw new RimFormatException("manifest: " + e.reason());
        }
    }
}
