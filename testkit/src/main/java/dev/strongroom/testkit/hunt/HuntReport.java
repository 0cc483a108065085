package dev.strongroom.testkit.hunt;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What a hunt saw.
 *
 * @param subject the process or the folders
 * @param needles how many needles were looked for
 * @param copies per needle, how many times it was found
 * @param findings the places with hits, and those that could not be read in full
 * @param scannedBytes bytes that were looked at
 * @param unreadableBytes bytes that the kernel did not give out; a clean report has few of them
 * @param took wall-clock time
 */
public record HuntReport(
        String subject,
        int needles,
        List<Integer> copies,
        List<Finding> findings,
        long scannedBytes,
        long unreadableBytes,
        Duration took) {

    static HuntReport of(
            String subject, Needles needles, Map<String, Tally> tallies, Duration took) {
        int[] copies = new int[needles.count()];
        tallies.values().forEach(tally -> tally.addCopiesTo(copies));
        List<Finding> all =
                tallies.entrySet().stream()
                        .map(entry -> entry.getValue().finding(entry.getKey(), needles))
                        .toList();
        return new HuntReport(
                subject,
                needles.count(),
                Arrays.stream(copies).boxed().toList(),
                all.stream()
                        .filter(finding -> finding.hits() > 0 || finding.unreadableBytes() > 0)
                        .toList(),
                all.stream().mapToLong(Finding::scannedBytes).sum(),
                all.stream().mapToLong(Finding::unreadableBytes).sum(),
                took);
    }

    /** All hits together. */
    public int hits() {
        return copies.stream().mapToInt(Integer::intValue).sum();
    }

    /** How many different needles were found. */
    public int distinct() {
        return (int) copies.stream().filter(count -> count > 0).count();
    }

    /** The numbers of the needles that were found, as {@link Needles#name} knows them. */
    public List<Integer> found() {
        return IntStream.range(0, copies.size()).filter(i -> copies.get(i) > 0).boxed().toList();
    }

    /** The count of the needle found most often. */
    public int mostCopies() {
        return copies.stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    /** The places with at least one hit. */
    public List<Finding> hitPlaces() {
        return findings.stream().filter(finding -> finding.hits() > 0).toList();
    }

    /** How many needles were found once, twice and so on; key 0 counts those not found. */
    public Map<Integer, Integer> needlesByCopies() {
        Map<Integer, Integer> byCopies = new TreeMap<>();
        copies.forEach(count -> byCopies.merge(count, 1, Integer::sum));
        return byCopies;
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("subject", subject);
        map.put("needles", needles);
        map.put("hits", hits());
        map.put("distinct", distinct());
        map.put("mostCopies", mostCopies());
        map.put("needlesByCopies", needlesByCopies());
        map.put("scannedBytes", scannedBytes);
        map.put("unreadableBytes", unreadableBytes);
        map.put("milliseconds", took.toMillis());
        map.put("findings", findings.stream().map(Finding::toMap).toList());
        return map;
    }
}
