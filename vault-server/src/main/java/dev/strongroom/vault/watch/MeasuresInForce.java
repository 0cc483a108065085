package dev.strongroom.vault.watch;

import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.GuardMeasure.Step;
import dev.strongroom.crypto.format.GuardMeasure.Whose;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.vault.access.AccessRole;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.MeasureHistory.Taken;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What nodes of a model are to hold against callers: measures, and everybody in quarantine. */
final class MeasuresInForce {
    private static final Set<AccessRole> CALLERS = Set.of(AccessRole.CONSUMER, AccessRole.OWNER);

    private MeasuresInForce() {}

    static List<GuardMeasure> of(AuditLog log, ModelName model) {
        return Stream.concat(
                        log.views().measures().of(model).stream().map(Taken::measure),
                        log.views().quarantines().all().stream()
                                .flatMap(quarantine ->
                                        suspended(quarantine.identity(), model).stream()))
                .distinct()
                .toList();
    }

    /** As messages, of which the last one says that nothing more comes; none for no measures. */
    static List<Notice.Measures> parts(List<GuardMeasure> all) {
        var parts = new ArrayList<Notice.Measures>();
        for (int from = 0; from < all.size(); from += Notice.MAX_MEASURES) {
            int to = Math.min(from + Notice.MAX_MEASURES, all.size());
            parts.add(new Notice.Measures(all.subList(from, to), all.size() - to));
        }
        return parts;
    }

    private static Optional<GuardMeasure> suspended(String identity, ModelName model) {
        return Principal.ofUri(identity)
                .filter(who -> who.tenant().equals(model.tenant().value()))
                .filter(who -> CALLERS.contains(who.role()))
                .map(who ->
                        new GuardMeasure(
                                Whose.PRINCIPAL,
                                who.tenant() + "/" + who.role().label() + "/" + who.name(),
                                Step.SUSPEND,
                                GuardMeasure.NO_PARDON));
    }
}
