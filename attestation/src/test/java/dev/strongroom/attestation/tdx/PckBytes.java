package dev.strongroom.attestation.tdx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;

/** The extension of a PCK certificate, as Intel writes it. */
final class PckBytes {
    private PckBytes() {}

    static byte[] of(int[] components, int pceSvn) {
        return of(components, pceSvn, TestCollateral.FMSPC, TestCollateral.PCE_ID);
    }

    static byte[] of(int[] components, int pceSvn, String fmspc, String pceId) {
        return encoded(
                List.of(
                        entry("1", octets("01".repeat(16))),
                        entry("2", tcb(components, pceSvn)),
                        entry("3", octets(pceId)),
                        entry("4", octets(fmspc)),
                        entry("5", new ASN1Enumerated(1)),
                        entry("6", octets("02".repeat(16)))));
    }

    static DERSequence tcb(int[] components, int pceSvn) {
        var tcb = new ArrayList<ASN1Encodable>();
        for (int i = 0; i < components.length; i++) {
            tcb.add(entry("2." + (i + 1), new ASN1Integer(components[i])));
        }
        tcb.add(entry("2.17", new ASN1Integer(pceSvn)));
        tcb.add(entry("2.18", octets("07".repeat(16))));
        return new DERSequence(tcb.toArray(ASN1Encodable[]::new));
    }

    static DERSequence entry(String arcs, ASN1Encodable value) {
        return new DERSequence(
                new ASN1Encodable[] {
                    new ASN1ObjectIdentifier(PckExtension.OID + "." + arcs), value
                });
    }

    static DEROctetString octets(String hex) {
        return new DEROctetString(HexFormat.of().parseHex(hex));
    }

    static byte[] encoded(List<? extends ASN1Encodable> entries) {
        try {
            return new DERSequence(entries.toArray(ASN1Encodable[]::new)).getEncoded("DER");
        } catch (IOException e) {
            throw new IllegalStateException("encoding to memory", e);
        }
    }
}
