package dev.strongroom.attestation.tdx;

import java.time.Instant;
import java.util.List;

/**
 * How Intel rates a platform from these security versions on.
 *
 * @param sgx sixteen parts, judged by the PCK certificate
 * @param pceSvn judged by the PCK certificate
 * @param tdx sixteen parts, judged by TEE_TCB_SVN
 * @param tcbDate everything fixed before this is fixed in it
 * @param advisories what is known against it
 */
record TcbLevel(
        int[] sgx,
        int pceSvn,
        int[] tdx,
        TcbStatus status,
        Instant tcbDate,
        List<String> advisories) {

    static TcbLevel of(JsonFields fields) throws TdxFormatException {
        JsonFields tcb = fields.object("tcb");
        return new TcbLevel(
                components(tcb, "sgxtcbcomponents"),
                tcb.number("pcesvn", 0xffff),
                components(tcb, "tdxtcbcomponents"),
                fields.status("tcbStatus"),
                fields.time("tcbDate"),
                fields.texts("advisoryIDs", IsvLevel.MAX_ADVISORIES));
    }

    private static int[] components(JsonFields tcb, String name) throws TdxFormatException {
        int count = TeeTcbSvn.COMPONENTS;
        List<JsonFields> components = tcb.objects(name, count, count);
        int[] svns = new int[count];
        for (int i = 0; i < count; i++) {
            svns[i] = components.get(i).number("svn", 0xff);
        }
        return svns;
    }

    /**
     * Whether all versions are reached. Where the TDX module has a version of its own (TEE_TCB_SVN
     * component 1 above zero), its identity judges components 0 and 1 and this level does not.
     */
    boolean isReachedBy(PckExtension pck, TeeTcbSvn svn) {
        for (int i = 0; i < sgx.length; i++) {
            if (pck.components()[i] < sgx[i]) {
                return false;
            }
        }
        for (int i = svn.moduleVersion() > 0 ? 2 : 0; i < tdx.length; i++) {
            if (svn.component(i) < tdx[i]) {
                return false;
            }
        }
        return pck.pceSvn() >= pceSvn;
    }
}
