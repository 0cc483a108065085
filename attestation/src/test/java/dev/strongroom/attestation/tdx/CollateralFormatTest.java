package dev.strongroom.attestation.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Collateral and the PCK extension: every field that counts has its type, and is there. */
class CollateralFormatTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "id",
                "version",
                "issueDate",
                "nextUpdate",
                "fmspc",
                "pceId",
                "tcbType",
                "tcbEvaluationDataNumber",
                "tdxModule",
                "tcbLevels",
                "sgxtcbcomponents",
                "pcesvn",
                "tdxtcbcomponents",
                "tcbDate",
                "tcbStatus",
                "isvsvn",
                "mrsigner",
                "attributes",
                "attributesMask",
                "svn",
                "tcb"
            })
    void refusesTcbInfoWithoutAField(String field) {
        assertTcbInfoRefused(
                TestCollateral.tcbInfo().replaceFirst("\"" + field + "\":", "\"other\":"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id",
                "version",
                "issueDate",
                "nextUpdate",
                "tcbEvaluationDataNumber",
                "miscselect",
                "miscselectMask",
                "attributes",
                "attributesMask",
                "mrsigner",
                "isvprodid",
                "tcbLevels",
                "isvsvn",
                "tcbDate",
                "tcbStatus"
            })
    void refusesAQeIdentityWithoutAField(String field) {
        assertThatThrownBy(() ->
                        QeIdentity.parse(
                                ascii(
                                        TestCollateral.qeIdentity()
                                                .replaceFirst("\"" + field + "\":", "\"other\":"))))
                .isInstanceOf(TdxFormatException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"svn\":7|\"svn\":256",
                "\"svn\":7|\"svn\":\"7\"",
                "\"pcesvn\":11|\"pcesvn\":65536",
                "\"isvsvn\":6|\"isvsvn\":65536",
                "2026-11-21T12:00:00Z|2026-11-21",
                "2026-11-21T12:00:00Z|2026-11-31T12:00:00Z",
                "2026-11-21T12:00:00Z|+2026-11-21T12:00:0Z",
                "00a06d080000|00a06d08000",
                "00a06d080000|00a06d08000g",
                "\"tcbStatus\":\"UpToDate\"|\"tcbStatus\":true",
                "\"tcbStatus\":\"UpToDate\"|\"tcbStatus\":\"uptodate\"",
                "\"advisoryIDs\":[|\"advisoryIDs\":[1,",
                "{\"svn\":7},{\"svn\":7}|{\"svn\":7}"
            })
    void refusesTcbInfoWithAFieldOfAnotherForm(String from, String to) {
        assertThat(TestCollateral.tcbInfo()).contains(from);
        assertTcbInfoRefused(TestCollateral.tcbInfo().replace(from, to));
    }

    @Test
    void acceptsTcbInfoOfBeforeModulesHadVersions() throws Exception {
        String old = TestCollateral.tcbInfo().replace("tdxModuleIdentities", "somethingElse");
        assertThat(TcbInfo.parse(ascii(old)).modules()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"tcbInfo\":{}}",
                "{\"tcbInfo\":{},\"signature\":\"ab\"}",
                "{\"tcbInfo\":{},\"signature\":\"SIG\",\"more\":1}",
                "{\"other\":{},\"signature\":\"SIG\"}",
                "{\"tcbInfo\":{},\"signature\":1}",
                "{\"tcbInfo\":{},\"signature\":\"UPPER\"}",
                "{\"tcbInfo\":{},\"signature\":\"SIG\"}x",
                "[]"
            })
    void refusesDocumentsOfAnotherForm(String text) {
        String document =
                text.replace("SIG", "ab".repeat(64)).replace("UPPER", "ab".repeat(63) + "aB");
        assertThatThrownBy(() -> SignedJson.parse("tcbInfo", ascii(document), 1024))
                .isInstanceOf(TdxFormatException.class);
    }

    @Test
    void keepsTheSignedMemberByteForByte() throws Exception {
        String document = "{ \"signature\":\"SIG\" , \"tcbInfo\": {\"a\" : 1 } }";
        var signed =
                SignedJson.parse("tcbInfo", ascii(document.replace("SIG", "0f".repeat(64))), 1024);
        assertThat(signed.body()).isEqualTo(ascii("{\"a\" : 1 }"));
        assertThat(signed.signature()).hasSize(64).containsOnly(0x0f);
    }

    @Test
    void readsThePckExtensionInAnyOrder() throws Exception {
        var entries = new ArrayList<>(pckEntries());
        Collections.reverse(entries);
        PckExtension pck = PckExtension.parse(PckBytes.encoded(entries));
        assertThat(pck.fmspc()).isEqualTo("00a06d080000");
        assertThat(pck.pceId()).isEqualTo("0001");
        assertThat(pck.pceSvn()).isEqualTo(500);
        assertThat(pck.ppid()).isEqualTo("01".repeat(16));
        assertThat(pck.platformInstance()).isEmpty();
        assertThat(pck.components()).containsExactly(SoftwarePlatform.components());
    }

    @Test
    void refusesAPckExtensionWithoutOrWithTwiceAnEntry() {
        for (ASN1Encodable entry : pckEntries()) {
            var without = new ArrayList<ASN1Encodable>(pckEntries());
            without.removeIf(each -> each.equals(entry));
            assertPckRefused(without);
            var twice = new ArrayList<ASN1Encodable>(pckEntries());
            twice.add(entry);
            assertPckRefused(twice);
        }
    }

    @Test
    void refusesPckEntriesOfAnotherForm() {
        assertPckRefused(replaced(0, PckBytes.entry("1", PckBytes.octets("01"))));
        assertPckRefused(replaced(1, PckBytes.entry("2", new ASN1Integer(1))));
        assertPckRefused(replaced(1, PckBytes.entry("2", PckBytes.tcb(new int[15], 1))));
        assertPckRefused(replaced(1, PckBytes.entry("2", PckBytes.tcb(new int[16], 65536))));
        assertPckRefused(replaced(1, PckBytes.entry("2", PckBytes.tcb(new int[16], -1))));
        assertPckRefused(replaced(2, PckBytes.entry("3", PckBytes.octets("000000"))));
        assertPckRefused(replaced(3, PckBytes.entry("4", new ASN1Integer(1))));
    }

    private static List<ASN1Encodable> replaced(int index, ASN1Encodable entry) {
        var entries = new ArrayList<ASN1Encodable>(pckEntries());
        entries.set(index, entry);
        return entries;
    }

    private static List<ASN1Encodable> pckEntries() {
        return List.of(
                PckBytes.entry("1", PckBytes.octets("01".repeat(16))),
                PckBytes.entry("2", PckBytes.tcb(SoftwarePlatform.components(), 500)),
                PckBytes.entry("3", PckBytes.octets("0001")),
                PckBytes.entry("4", PckBytes.octets("00a06d080000")));
    }

    private static void assertPckRefused(List<ASN1Encodable> entries) {
        assertThatThrownBy(() -> PckExtension.parse(PckBytes.encoded(entries)))
                .isInstanceOf(TdxFormatException.class);
    }

    private static void assertTcbInfoRefused(String json) {
        assertThatThrownBy(() -> TcbInfo.parse(ascii(json))).isInstanceOf(TdxFormatException.class);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
