package dev.strongroom.ops;

import dev.strongroom.attestation.AppraisalResult;
import dev.strongroom.attestation.Claims;
import dev.strongroom.attestation.CollateralFolder;
import dev.strongroom.attestation.CollateralSource;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceInspector;
import dev.strongroom.attestation.EvidenceItem;
import dev.strongroom.attestation.Revocation;
import dev.strongroom.attestation.RuleOutcome;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.client.ClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Verifies evidence offline, against folders of collateral. Not thread-safe. */
final class EvidenceCheck {
    private static final List<String> TCB_STATUS =
            List.of("tdx.tcb.status", "azure.tdx.tcb.status");

    private final TrustAnchors anchors;
    private final Revocation revocation;
    private final Map<Path, List<EvidenceItem>> read = new HashMap<>();

    EvidenceCheck(TrustAnchors anchors, Revocation revocation) {
        this.anchors = anchors;
        this.revocation = revocation;
    }

    /** What there is to say about one file. */
    AppraisalResult of(Path file, EvidenceFile.@Nullable Type type, List<Path> folders, Instant at)
            throws ClientException, IOException {
        Evidence evidence = EvidenceFile.read(file, type);
        return inspector(folders).inspect(evidence, at);
    }

    EvidenceInspector inspector(List<Path> folders) throws ClientException, IOException {
        var items = new ArrayList<EvidenceItem>();
        for (Path folder : folders) {
            items.addAll(items(folder));
        }
        CollateralSource source = () -> items;
        return new EvidenceInspector(anchors, source, revocation);
    }

    private List<EvidenceItem> items(Path folder) throws ClientException, IOException {
        List<EvidenceItem> known = read.get(folder);
        if (known == null) {
            if (!Files.exists(folder)) {
                throw new ClientException(
                        ClientException.Kind.NOT_FOUND,
                        folder + ": no such folder",
                        "check the path");
            }
            known = new CollateralFolder(folder).current();
            read.put(folder, known);
        }
        return known;
    }

    /** {@code verdict}, {@code rule}, {@code reason}, {@code tcbStatus}, {@code claims}. */
    static Answer.Fields answer(AppraisalResult result) {
        var failed = result.refusal();
        var claims =
                new TreeMap<String, Object>(result.claims().map(Claims::values).orElseGet(Map::of));
        return Answer.with("verdict", failed.isPresent() ? "refused" : "verified")
                .with("rule", failed.map(RuleOutcome::rule).orElse(""))
                .with("reason", failed.map(RuleOutcome::expected).orElse(""))
                .with(
                        "tcbStatus",
                        TCB_STATUS.stream()
                                .filter(claims::containsKey)
                                .findFirst()
                                .map(name -> String.valueOf(claims.get(name)))
                                .orElse(""))
                .with("claims", claims);
    }
}
