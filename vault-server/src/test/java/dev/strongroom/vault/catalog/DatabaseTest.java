package dev.strongroom.vault.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
    @TempDir Path dir;

    @Test
    void whatIsSettledStandsInTheFileItself() throws Exception {
        Path data = Files.createDirectory(dir.resolve("data"));
        try (Database database = Database.open(data)) {
            database.settle();
            database.change(handle -> LeafTable.insert(handle, leaf(0)));
            assertThat(leavesWithoutLog(data, "before")).isZero();
            database.settle();
            database.change(handle -> LeafTable.insert(handle, leaf(1)));
            assertThat(leavesWithoutLog(data, "after")).isEqualTo(1);
            assertThat(database.<Long, RuntimeException>read(LeafTable::count)).isEqualTo(2);
        }
    }

    private static LeafTable.Leaf leaf(long index) {
        return new LeafTable.Leaf(index, "-", new byte[] {1});
    }

    /** As one who has the database's file alone. */
    private long leavesWithoutLog(Path data, String name) throws Exception {
        Path copy = Files.copy(data.resolve("vault.db"), dir.resolve(name));
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + copy);
                var query =
                        connection
                                .createStatement()
                                .executeQuery("SELECT count(*) FROM audit_leaf")) {
            return query.getLong(1);
        }
    }
}
