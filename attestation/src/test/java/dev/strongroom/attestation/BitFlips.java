package dev.strongroom.attestation;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Genuine evidence with one bit flipped. The mutants are spread evenly over all bytes of all
 * samples, so that with as many mutants as bytes each byte has its turn; {@code -Dstrongroom.seed}
 * changes which of its bits.
 */
public final class BitFlips {
    public static final long SEED = Long.getLong("strongroom.seed", 20_261_122L);

    private BitFlips() {}

    /**
     * One bit flipped in one part of one sample.
     *
     * @param sample which sample, from 0
     * @param part which of its parts, from 0
     * @param at which byte of it, from 0
     */
    public record Flip(int sample, int part, int at, byte[] mutant) {
        /** The sample with the mutant in the genuine part's place. */
        public List<byte[]> in(List<byte[]> genuine) {
            var parts = new ArrayList<>(genuine);
            parts.set(part, mutant);
            return parts;
        }

        @Override
        public String toString() {
            return "seed %d: sample %d part %d byte %d".formatted(SEED, sample, part, at);
        }
    }

    /** A part of a sample and how many bytes come before it. */
    private record Place(int sample, int part, byte[] genuine, int start) {
        Flip flip(int position, Random random) {
            byte[] mutant = genuine.clone();
            mutant[position - start] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            return new Flip(sample, part, position - start, mutant);
        }
    }

    /** Mutants of samples that consist of a part each. */
    public static Stream<Flip> ofWhole(List<byte[]> samples, int mutants) {
        return of(samples.stream().map(List::of).toList(), mutants);
    }

    /** Mutants of samples, each given as its parts; in order. */
    public static Stream<Flip> of(List<List<byte[]>> samples, int mutants) {
        List<Place> places = new ArrayList<>();
        int bytes = 0;
        for (int sample = 0; sample < samples.size(); sample++) {
            for (int part = 0; part < samples.get(sample).size(); part++) {
                byte[] genuine = samples.get(sample).get(part);
                places.add(new Place(sample, part, genuine, bytes));
                bytes += genuine.length;
            }
        }
        long all = bytes;
        var random = new Random(SEED);
        return IntStream.range(0, mutants)
                .map(i -> (int) (mutants < all ? i * all / mutants : i % all))
                .mapToObj(position -> holding(position, places).flip(position, random));
    }

    private static Place holding(int position, List<Place> places) {
        return places.stream()
                .filter(place ->
                        place.start <= position && position < place.start + place.genuine.length)
                .findFirst()
                .orElseThrow();
    }
}
