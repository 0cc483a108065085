package dev.strongroom.attestation.tdx;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Intel's judgement of one platform model ("Get TDX TCB Info", API version 4, structure version 3).
 *
 * @param issueDate when it was made
 * @param nextUpdate it counts until here
 * @param evaluationDataNumber the TCB recovery it belongs to
 * @param fmspc the platform model, lower-case hex
 * @param pceId lower-case hex
 * @param module for TDX modules without a version of their own
 * @param modules by version
 * @param levels sorted by Intel, newest first
 */
record TcbInfo(
        Instant issueDate,
        Instant nextUpdate,
        int evaluationDataNumber,
        String fmspc,
        String pceId,
        ModuleIdentity module,
        List<ModuleIdentity> modules,
        List<TcbLevel> levels)
        implements Dated {
    static final String MEMBER = "tcbInfo";
    static final int MAX_BYTES = 64 * 1024; // the longest so far has 6 KiB

    private static final int MAX_MODULES = 64; // so far two
    private static final int MAX_LEVELS = 64; // so far five

    /**
     * Reads the signed member.
     *
     * @throws TdxFormatException if it is not TCB info for TDX of structure version 3
     */
    static TcbInfo parse(byte[] body) throws TdxFormatException {
        JsonFields fields = JsonFields.of(MEMBER, body, MAX_BYTES);
        fields.requireText("id", "TDX");
        fields.requireNumber("version", 3);
        fields.requireNumber("tcbType", 0);
        return new TcbInfo(
                fields.time("issueDate"),
                fields.time("nextUpdate"),
                fields.number("tcbEvaluationDataNumber", Integer.MAX_VALUE),
                HexFormat.of().formatHex(fields.hex("fmspc", 6)),
                HexFormat.of().formatHex(fields.hex("pceId", 2)),
                ModuleIdentity.withoutVersion(fields.object("tdxModule")),
                modules(fields),
                levels(fields));
    }

    private static List<ModuleIdentity> modules(JsonFields fields) throws TdxFormatException {
        var modules = new ArrayList<ModuleIdentity>();
        if (fields.has("tdxModuleIdentities")) {
            for (JsonFields module : fields.objects("tdxModuleIdentities", 1, MAX_MODULES)) {
                modules.add(ModuleIdentity.of(module));
            }
        }
        return List.copyOf(modules);
    }

    private static List<TcbLevel> levels(JsonFields fields) throws TdxFormatException {
        var levels = new ArrayList<TcbLevel>();
        for (JsonFields level : fields.objects("tcbLevels", 1, MAX_LEVELS)) {
            levels.add(TcbLevel.of(level));
        }
        return List.copyOf(levels);
    }

    /** The identity that judges a module of this version. */
    Optional<ModuleIdentity> moduleOf(int version) {
        return version == 0
                ? Optional.of(module)
                : modules.stream().filter(identity -> identity.isFor(version)).findFirst();
    }

    boolean isFor(PckExtension pck) {
        return fmspc.equals(pck.fmspc()) && pceId.equals(pck.pceId());
    }
}
