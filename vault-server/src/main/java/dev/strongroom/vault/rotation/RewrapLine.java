package dev.strongroom.vault.rotation;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.vault.catalog.RotationTable.Rotation;
import dev.strongroom.vault.catalog.WrappedKeyTable;
import dev.strongroom.vault.catalog.WrappedKeyTable.Stored;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The records of one rotation on their way through the token, batch by batch: while whoever takes a
 * batch writes it, the token re-wraps the next one and the one after that is read.
 *
 * <p>For one thread; the work runs on the line's own and on the crew's.
 */
final class RewrapLine implements AutoCloseable {
    private static final int BATCHES_AHEAD = 3; // a write may take as long as two batches

    /** A record as it was read and what the token made of it; nothing if it is not authentic. */
    record Moved(Stored row, Optional<byte[]> record) {}

    private record Checked(Stored row, Optional<WrappedKey.AtRest> key) {}

    private final Resources resources;
    private final Rotation rotation;
    private final TokenCrew crew;
    private final int batch;
    private final ExecutorService reader;
    private final Deque<Future<TokenCrew.Batch<Moved>>> underWay = new ArrayDeque<>();
    private long read; // place of the last row, for the reader's thread

    /**
     * A line that ends before its crew does.
     *
     * @param batch records at a time
     */
    RewrapLine(Resources resources, Rotation rotation, TokenCrew crew, int batch) {
        this.resources = resources;
        this.rotation = rotation;
        this.crew = crew;
        this.batch = batch;
        this.reader =
                Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().daemon().name("rotation-reader").factory());
    }

    /** The next batch, once the token is done with it; empty when there are no more records. */
    List<Moved> next() throws CustodyException, InterruptedException {
        while (underWay.size() < BATCHES_AHEAD) {
            underWay.add(reader.submit(this::begin));
        }
        return TokenCrew.result(underWay.remove()).results();
    }

    private TokenCrew.Batch<Moved> begin() throws CustodyException {
        List<Stored> page =
                resources
                        .database()
                        .read(handle ->
                                WrappedKeyTable.page(
                                        handle, rotation.tenant(), rotation.from(), read, batch));
        if (!page.isEmpty()) {
            read = page.getLast().place();
        }
        return crew.isOneThread()
                ? crew.begin(check(page), this::rewrap)
                : crew.begin(page, slice -> rewrap(check(slice)));
    }

    private List<Checked> check(List<Stored> rows) throws CustodyException {
        List<Optional<WrappedKey.AtRest>> keys =
                resources.custodian().authenticateAll(rows.stream().map(Stored::record).toList());
        var checked = new ArrayList<Checked>();
        for (int i = 0; i < rows.size(); i++) {
            Stored row = rows.get(i);
            checked.add(new Checked(row, keys.get(i).filter(key -> isInItsRow(key, row))));
        }
        return checked;
    }

    private boolean isInItsRow(WrappedKey.AtRest key, Stored row) {
        return key.versionId().equals(row.version())
                && key.tenant().equals(rotation.tenant())
                && key.kekVersion() == rotation.from();
    }

    private List<Moved> rewrap(List<Checked> slice) throws CustodyException {
        List<WrappedKey.AtRest> keys =
                slice.stream().flatMap(checked -> checked.key().stream()).toList();
        var rewrapped =
                keys.isEmpty() ? keys : resources.custodian().rewrapAll(keys, rotation.to());
        var next = rewrapped.iterator();
        var moved = new ArrayList<Moved>();
        for (Checked checked : slice) {
            moved.add(new Moved(checked.row(), checked.key().map(_ -> next.next().encoded())));
        }
        return moved;
    }

    /** Begins nothing more; what the crew has is its own. */
    @Override
    public void close() {
        underWay.forEach(batch -> batch.cancel(false));
        reader.close();
    }
}
