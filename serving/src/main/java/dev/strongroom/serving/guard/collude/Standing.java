package dev.strongroom.serving.guard.collude;

/**
 * How a principal stands in the graph.
 *
 * @param cluster principals connected with it, itself included; 1 when alone
 * @param suspected it copied others itself and its cluster is large enough to be no accident;
 *     having been copied never makes a principal suspected
 * @param evidence pooled over the suspected members of its cluster; 1 when not suspected
 */
public record Standing(int cluster, boolean suspected, double evidence) {
    static final Standing ALONE = new Standing(1, false, 1);
}
