package dev.strongroom.attestation.nvidia;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/** XML as far as manifests need it: no document type, no entity, nothing from outside. */
final class ManifestXml {
    private static final int MAX_BYTES = 256 * 1024; // real manifests have 20 KiB

    private ManifestXml() {}

    static Document parse(byte[] xml) throws RimFormatException {
        if (xml.length > MAX_BYTES) {
            throw new RimFormatException("manifest: expected at most " + MAX_BYTES + " bytes");
        }
        try {
            var builder = factory().newDocumentBuilder();
            builder.setErrorHandler(new Silent());
            return builder.parse(new ByteArrayInputStream(xml));
        } catch (SAXException | IOException e) {
            throw new RimFormatException("manifest: expected XML without a document type");
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("the JDK's parser has these features", e);
        }
    }

    /** The children that are elements. */
    static List<Element> children(Element parent) {
        var children = new ArrayList<Element>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                children.add(element);
            }
        }
        return children;
    }

    /** The only child of this name. */
    static Element child(Element parent, String namespace, String name) throws RimFormatException {
        List<Element> named =
                children(parent).stream()
                        .filter(child ->
                                namespace.equals(child.getNamespaceURI())
                                        && name.equals(child.getLocalName()))
                        .toList();
        if (named.size() != 1) {
            throw new RimFormatException("manifest: expected one element " + name);
        }
        return named.getFirst();
    }

    private static DocumentBuilderFactory factory() throws ParserConfigurationException {
        var factory = DocumentBuilderFactory.newDefaultInstance();
        factory.setNamespaceAware(true);
        factory.setXIncludeAware(false);
        factory.setExpandEntityReferences(false);
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
        return factory;
    }

    /** The parser's own prints what it read. */
    private static final class Silent implements ErrorHandler {
        @Override
        public void warning(SAXParseException e) {
            // not worth a word
        }

        @Override
        public void error(SAXParseException e) throws SAXException {
            throw e;
        }

        @Override
        public void fatalError(SAXParseException e) throws SAXException {
            throw e;
        }
    }
}
