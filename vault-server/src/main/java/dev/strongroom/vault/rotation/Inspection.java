package dev.strongroom.vault.rotation;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.access.Foreground;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.DatabaseCopy;
import dev.strongroom.vault.catalog.WrappedKeyTable;
import dev.strongroom.vault.catalog.WrappedKeyTable.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

/**
 * Looks what a key-encryption key still wraps by having the token authenticate every record of its
 * tenant. What a row says counts for nothing.
 *
 * @param <X> when the records cannot be read
 */
final class Inspection<X extends Exception> {
    private static final int PAGE = 512;

    /**
     * What was found.
     *
     * @param under records that are authentic and under the key
     * @param changed records that the token did not write, or that stand in another record's row
     */
    record Finding(List<VersionId> under, List<VersionId> changed) {
        boolean isClear() {
            return under.isEmpty() && changed.isEmpty();
        }
    }

    private enum State {
        ELSEWHERE,
        UNDER,
        CHANGED
    }

    private record Seen(VersionId version, State state) {}

    /** The next records that may be a tenant's, in order of their places. */
    @FunctionalInterface
    interface Pages<X extends Exception> {
        List<Row> after(TenantName tenant, long place, int limit) throws X;
    }

    private final Pages<X> pages;
    private final KeyCustodian custodian;

    private Inspection(Pages<X> pages, KeyCustodian custodian) {
        this.pages = pages;
        this.custodian = custodian;
    }

    /** Of the vault's own records. */
    static Inspection<RuntimeException> of(Database database, KeyCustodian custodian) {
        return new Inspection<>(
                (tenant, place, limit) ->
                        database.read(
                                handle -> WrappedKeyTable.pageOfAll(handle, tenant, place, limit)),
                custodian);
    }

    /** Of the records in a copy. */
    static Inspection<IOException> of(DatabaseCopy copy, KeyCustodian custodian) {
        return new Inspection<>(copy::pageOfAll, custodian);
    }

    /** Inspects at once, with all of the token. */
    Finding of(TenantName tenant, int kek) throws X, CustodyException, InterruptedException {
        try (var crew =
                new TokenCrew(
                        TokenCrew.WHOLE_TOKEN,
                        custodian.info(),
                        new Foreground(),
                        new CountDownLatch(1))) {
            return of(tenant, kek, crew);
        }
    }

    /** Inspects with a crew; stopped, it finds less than there is. */
    Finding of(TenantName tenant, int kek, TokenCrew crew)
            throws X, CustodyException, InterruptedException {
        var finding = new Finding(new ArrayList<>(), new ArrayList<>());
        List<Row> page = pages.after(tenant, 0, PAGE);
        while (!page.isEmpty()) {
            var seen = crew.begin(page, slice -> look(tenant, kek, slice));
            page = pages.after(tenant, page.getLast().place(), PAGE);
            for (Seen record : seen.results()) {
                switch (record.state()) {
                    case ELSEWHERE -> {}
                    case UNDER -> finding.under().add(record.version());
                    case CHANGED -> finding.changed().add(record.version());
                }
            }
        }
        return finding;
    }

    private List<Seen> look(TenantName tenant, int kek, List<Row> slice) throws CustodyException {
        List<byte[]> records = slice.stream().map(Row::record).toList();
        List<Optional<WrappedKey.AtRest>> read = custodian.authenticateAll(records);
        return IntStream.range(0, slice.size())
                .mapToObj(i -> {
                    Row row = slice.get(i);
                    return new Seen(row.version(), state(tenant, kek, row, read.get(i)));
                })
                .toList();
    }

    private static State state(
            TenantName tenant, int kek, Row row, Optional<WrappedKey.AtRest> read) {
        boolean ours = row.tenant().equals(tenant);
        if (read.isEmpty()) {
            return ours ? State.CHANGED : State.ELSEWHERE;
        }
        WrappedKey.AtRest record = read.get();
        if (record.tenant().equals(tenant) && record.kekVersion() == kek) {
            return State.UNDER;
        }
        boolean inItsRow =
                record.tenant().equals(row.tenant())
                        && record.versionId().equals(row.version())
                        && record.kekVersion() == row.kekVersion();
        return ours && !inItsRow ? State.CHANGED : State.ELSEWHERE;
    }
}
