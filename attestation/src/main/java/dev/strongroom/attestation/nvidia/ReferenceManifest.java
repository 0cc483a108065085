package dev.strongroom.attestation.nvidia;

import dev.strongroom.attestation.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Reference values that NVIDIA published for one driver or one VBIOS: a software identity tag (ISO
 * 19770-2) with a signature of its own. Immutable.
 *
 * @param version which driver or VBIOS, as NVIDIA prints it
 * @param active index from 0 → accepted values, lower-case hex
 */
public record ReferenceManifest(String version, Map<Integer, Set<String>> active) {
    /** "NVIDIA CoRIM signing Root CA" of nvtrust. */
    public static final Digest NVIDIA_ROOT =
            new Digest("12977b5115acb0381179279fffeb5a8c4d264971ebb32298023a465fa41df5d1");

    private static final String SWID = "http://standards.iso.org/iso/19770/-2/2015/schema.xsd";
    private static final String HASH = "http://www.w3.org/2001/04/xmlenc#sha384";
    private static final int MAX_ALTERNATIVES = 64;
    private static final int MAX_INDEX = 254;

    public ReferenceManifest {
        active = Map.copyOf(active);
    }

    /**
     * Reads a manifest and verifies who signed it.
     *
     * @param roots SHA-256 of whole root certificates
     * @throws RimFormatException if it is no manifest, or none signed under these roots and valid
     *     at this moment
     */
    public static ReferenceManifest parse(byte[] xml, Set<Digest> roots, Instant now)
            throws RimFormatException {
        Document document = ManifestXml.parse(xml);
        ManifestSignature.verify(document, roots, now);
        Element tag = document.getDocumentElement();
        if (!SWID.equals(tag.getNamespaceURI()) || !"SoftwareIdentity".equals(tag.getLocalName())) {
            throw new RimFormatException("manifest: expected a software identity");
        }
        String version = ManifestXml.child(tag, SWID, "Meta").getAttribute("colloquialVersion");
        if (version.isEmpty()) {
            throw new RimFormatException("manifest: expected a version");
        }
        return new ReferenceManifest(version, active(ManifestXml.child(tag, SWID, "Payload")));
    }

    /** Those that can be believed; the others are passed over. */
    static List<ReferenceManifest> read(List<byte[]> manifests, Set<Digest> roots, Instant now) {
        var read = new ArrayList<ReferenceManifest>();
        for (byte[] manifest : manifests) {
            try {
                read.add(parse(manifest, roots, now));
            } catch (RimFormatException e) {
                // the claims say which ones counted
            }
        }
        return read;
    }

    private static Map<Integer, Set<String>> active(Element payload) throws RimFormatException {
        var active = new HashMap<Integer, Set<String>>();
        var indices = new TreeSet<Integer>();
        for (Element resource : ManifestXml.children(payload)) {
            int index = number(resource, "index", MAX_INDEX);
            if (!indices.add(index)) {
                throw new RimFormatException("manifest: expected each index once");
            }
            if (isActive(resource)) {
                active.put(index, values(resource));
            }
        }
        if (active.isEmpty()) {
            throw new RimFormatException("manifest: expected an active measurement");
        }
        return active;
    }

    private static boolean isActive(Element resource) throws RimFormatException {
        return switch (resource.getAttribute("active")) {
            case "True" -> true;
            case "False" -> false;
            default -> throw new RimFormatException("active: expected True or False");
        };
    }

    private static Set<String> values(Element resource) throws RimFormatException {
        int bytes = number(resource, "size", 64);
        int alternatives = number(resource, "alternatives", MAX_ALTERNATIVES);
        var values = new TreeSet<String>();
        for (int i = 0; i < alternatives; i++) {
            String value = resource.getAttributeNS(HASH, "Hash" + i).toLowerCase(Locale.ROOT);
            if (!value.matches("[0-9a-f]+") || value.length() != 2 * bytes) {
                throw new RimFormatException("manifest: expected a hash of the stated size");
            }
            values.add(value);
        }
        return Set.copyOf(values);
    }

    private static int number(Element resource, String name, int max) throws RimFormatException {
        String text = resource.getAttribute(name);
        if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) > max) {
            throw new RimFormatException(name + ": expected a number up to " + max);
        }
        return Integer.parseInt(text);
    }
}
