package dev.strongroom.serving.guard;

import static java.util.stream.Collectors.groupingBy;

import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.GuardMeasure.Whose;
import dev.strongroom.serving.infer.Caller;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The measures that the vault told this node of, for one model.
 *
 * <p>Thread-safe; never blocks.
 */
public final class Measures {
    private record Subject(Whose whose, String name) {}

    private volatile Map<Subject, List<GuardMeasure>> inForce = Map.of();

    /**
     * From now on these, and no others.
     *
     * @return whether that changed anything
     */
    public boolean become(List<GuardMeasure> all) {
        Map<Subject, List<GuardMeasure>> before = inForce;
        inForce =
                all.stream()
                        .collect(
                                groupingBy(
                                        measure -> new Subject(measure.whose(), measure.name())));
        return !before.equals(inForce);
    }

    /**
     * What they say under one revision of the owner's policy, which pardons callers of what was
     * decided before it.
     *
     * @param policySeq of the revision
     * @param pardons identities, {@code tenant/role/name}
     */
    public Restraint under(long policySeq, Set<String> pardons) {
        return caller ->
                about(caller)
                        .filter(measure ->
                                policySeq <= measure.policySeq()
                                        || !pardons.contains(caller.identity()))
                        .map(GuardMeasure::step)
                        .max(Comparator.naturalOrder());
    }

    private Stream<GuardMeasure> about(Caller caller) {
        Map<Subject, List<GuardMeasure>> now = inForce;
        return now.isEmpty()
                ? Stream.empty()
                : Stream.of(
                                new Subject(Whose.PRINCIPAL, caller.identity()),
                                new Subject(Whose.GROUP, caller.group()))
                        .flatMap(subject -> now.getOrDefault(subject, List.of()).stream());
    }
}
