package dev.strongroom.attestation.tpm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What firmware and boot loader measured, in order: a crypto-agile log (TCG PC Client Platform
 * Firmware Profile, 10.2), little-endian, read strictly. It is anybody's word until its replay
 * gives the registers of an authentic quote.
 *
 * <pre>
 * first: pcr u32 = 0 | type u32 = EV_NO_ACTION | 20 zero bytes | size u32 | "Spec ID Event03" 0
 *        platformClass u32 | minor u8, major u8, errata u8 | uintnSize u8
 *        algorithms: count u32, each id u16, digest bytes u16 | vendorInfo: size u8, bytes
 * then:  pcr u32 | type u32 | digests: count u32, each id u16, digest | size u32 | event
 * </pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class EventLog {
    static final int MAX_BYTES = 1024 * 1024; // logs of servers with many devices are 100 KiB
    private static final int MAX_EVENTS = 8192;
    private static final int MAX_ALGORITHMS = 16;
    private static final int SHA1_BYTES = 20;
    private static final byte[] SPEC_ID = LogEvent.ascii("Spec ID Event03\0");

    private final List<LogEvent> events;

    private EventLog(List<LogEvent> events) {
        this.events = List.copyOf(events);
    }

    /**
     * Reads a log.
     *
     * @throws TpmFormatException if it is not a crypto-agile log in every byte
     */
    public static EventLog parse(byte[] bytes) throws TpmFormatException {
        return parse(bytes, bytes.length);
    }

    /**
     * Reads the log at the start of a memory area, as an ACPI table names it: what is behind the
     * last event is filled with zeros or with ones.
     *
     * @throws TpmFormatException if it is not a crypto-agile log and its filling in every byte
     */
    public static EventLog parseArea(byte[] area) throws TpmFormatException {
        return parse(area, startOfFilling(area));
    }

    private static int startOfFilling(byte[] area) {
        int start = area.length;
        while (start > 0
                && area[start - 1] == area[area.length - 1]
                && (area[start - 1] == 0 || area[start - 1] == -1)) {
            start--;
        }
        return start;
    }

    private static EventLog parse(byte[] bytes, int noEventFrom) throws TpmFormatException {
        if (bytes.length > MAX_BYTES) {
            throw new TpmFormatException("event log: at most " + MAX_BYTES + " bytes");
        }
        var in = TpmReader.littleEndian(bytes, "event log");
        Map<Integer, Integer> digestBytes = readHeader(in);
        var events = new ArrayList<LogEvent>();
        while (bytes.length - in.remaining() < noEventFrom) {
            if (events.size() == MAX_EVENTS) {
                throw in.malformed("at most " + MAX_EVENTS + " events");
            }
            events.add(readEvent(in, digestBytes));
        }
        return new EventLog(events);
    }

    /** All events in order. */
    List<LogEvent> events() {
        return events;
    }

    /** What the registers of a bank hold after all events; those that none extends are absent. */
    public Map<Integer, byte[]> replay(HashAlgorithm bank) {
        var registers = new TreeMap<Integer, byte[]>();
        for (LogEvent event : events) {
            Optional<byte[]> digest = event.extended(bank);
            if (digest.isPresent()) {
                byte[] before =
                        registers.computeIfAbsent(event.pcr(), pcr -> initialValue(pcr, bank));
                registers.put(event.pcr(), bank.digest(before, digest.get()));
            }
        }
        return registers;
    }

    /** Zero, but for the locality that started the TPM in register 0 and what only DRTM resets. */
    private byte[] initialValue(int pcr, HashAlgorithm bank) {
        byte[] value = new byte[bank.bytes()];
        if (pcr == 0) {
            events.stream()
                    .flatMap(event -> event.startupLocality().stream())
                    .findFirst()
                    .ifPresent(locality -> value[value.length - 1] = locality);
        } else if (pcr >= 17 && pcr <= 22) {
            Arrays.fill(value, (byte) 0xff);
        }
        return value;
    }

    /** Digest lengths by algorithm id: unknown algorithms are passed over, not refused. */
    private static Map<Integer, Integer> readHeader(TpmReader log) throws TpmFormatException {
        int pcr = log.u32("pcrIndex");
        int type = log.u32("eventType");
        byte[] digest = log.bytes("digest", SHA1_BYTES);
        int size = log.count("eventSize", MAX_BYTES);
        if (pcr != 0 || type != LogEvent.EV_NO_ACTION || !Arrays.equals(digest, new byte[20])) {
            throw log.malformed("expected the event that names the format");
        }
        var in = TpmReader.littleEndian(log.bytes("event", size), "event log format");
        if (!Arrays.equals(in.bytes("signature", SPEC_ID.length), SPEC_ID)) {
            throw in.malformed("signature: expected Spec ID Event03");
        }
        in.u32("platformClass");
        in.bytes("version", 4);
        Map<Integer, Integer> digestBytes = readAlgorithms(in);
        in.bytes("vendorInfo", in.u8("vendorInfoSize"));
        in.end();
        return digestBytes;
    }

    private static Map<Integer, Integer> readAlgorithms(TpmReader in) throws TpmFormatException {
        var digestBytes = new TreeMap<Integer, Integer>();
        int count = in.count("numberOfAlgorithms", MAX_ALGORITHMS);
        for (int i = 0; i < count; i++) {
            int id = in.u16("algorithmId");
            int bytes = in.u16("digestSize");
            Optional<HashAlgorithm> known = HashAlgorithm.ofId(id);
            if (bytes > HashAlgorithm.MAX_BYTES
                    || known.filter(algorithm -> algorithm.bytes() != bytes).isPresent()) {
                throw in.malformed("digestSize: expected that of the algorithm");
            }
            if (digestBytes.put(id, bytes) != null) {
                throw in.malformed("algorithmId: expected each once");
            }
        }
        return digestBytes;
    }

    private static LogEvent readEvent(TpmReader in, Map<Integer, Integer> digestBytes)
            throws TpmFormatException {
        int pcr = in.u32("pcrIndex");
        int type = in.u32("eventType");
        int count = in.count("digests count", MAX_ALGORITHMS);
        var digests = new EnumMap<HashAlgorithm, byte[]>(HashAlgorithm.class);
        for (int i = 0; i < count; i++) {
            int id = in.u16("hashAlg");
            Integer bytes = digestBytes.get(id);
            if (bytes == null) {
                throw in.malformed("hashAlg: expected one that the format names");
            }
            byte[] digest = in.bytes("digest", bytes);
            Optional<HashAlgorithm> algorithm = HashAlgorithm.ofId(id);
            if (algorithm.isPresent() && digests.put(algorithm.get(), digest) != null) {
                throw in.malformed("hashAlg: expected each once");
            }
        }
        byte[] data = in.bytes("event", in.count("eventSize", MAX_BYTES));
        if (type != LogEvent.EV_NO_ACTION && (pcr < 0 || pcr > LogEvent.MAX_PCR)) {
            throw in.malformed("pcrIndex: expected 0 to " + LogEvent.MAX_PCR);
        }
        return new LogEvent(pcr, type, digests, data);
    }
}
