package dev.strongroom.testkit.hunt;

import java.util.BitSet;

/** Hits in one place, and which needles they were; safe for several threads. */
final class Tally implements Haystack.Hit {
    private final int needles;
    private int[] copies = {}; // most places hold none
    private final BitSet distinct = new BitSet();
    private int hits;
    private long scannedBytes;
    private long unreadableBytes;

    Tally(int needles) {
        this.needles = needles;
    }

    @Override
    public synchronized void at(int needle, int position) {
        if (copies.length == 0) {
            copies = new int[needles];
        }
        copies[needle]++;
        distinct.set(needle);
        hits++;
    }

    synchronized void scanned(long bytes) {
        scannedBytes += bytes;
    }

    synchronized void unreadable(long bytes) {
        unreadableBytes += bytes;
    }

    synchronized void addCopiesTo(int[] total) {
        for (int needle = 0; needle < copies.length; needle++) {
            total[needle] += copies[needle];
        }
    }

    synchronized Finding finding(String place, Needles needles) {
        String example = distinct.isEmpty() ? "" : needles.name(distinct.nextSetBit(0));
        return new Finding(
                place, hits, distinct.cardinality(), example, scannedBytes, unreadableBytes);
    }
}
