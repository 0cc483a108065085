package dev.strongroom.bench;

import static java.util.stream.Collectors.joining;

import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.WrappedKey.AtRest;
import dev.strongroom.crypto.custody.pkcs11.BareToken;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is done in a stopped vault's token and database, in a process of its own: SoftHSM2 reads
 * from the environment where its tokens are.
 */
public final class TokenSide {
    static final String NAME = "token-side";

    /** The words of the work that fills a tenant's table up, for the command line of a child. */
    public static final String FILL = "fill";

    /** The words of the work that measures the module. */
    public static final String CEILING = "ceiling";

    private static final Duration WARM = Duration.ofSeconds(2);
    private static final Duration LOOK = Duration.ofSeconds(3);

    /** How many threads the module is measured with, one after the other. */
    public static final List<Integer> THREADS = List.of(1, 2, 4);

    private final BareToken token;
    private final Path database;

    private TokenSide(BareToken token, Path database) {
        this.token = token;
        this.database = database;
    }

    /**
     * MODULE LABEL SERIAL PIN-FILE DATABASE, then fill TENANT RECORDS TOGETHER, or ceiling TENANT.
     */
    static void run(String[] words) throws Exception {
        try (var token = new BareToken(Path.of(words[0]), words[1], words[2], Path.of(words[3]))) {
            var side = new TokenSide(token, Path.of(words[4]));
            var tenant = new TenantName(words[6]);
            switch (words[5]) {
                case FILL ->
                        side.fill(tenant, Integer.parseInt(words[7]), Integer.parseInt(words[8]));
                case CEILING -> side.ceiling(tenant);
                default -> throw new IllegalArgumentException(words[5]);
            }
        }
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + database);
    }

    private AtRest anyOf(TenantName tenant) throws Exception {
        try (Connection connection = open();
                var query =
                        connection.prepareStatement(
                                "SELECT record FROM wrapped_key WHERE tenant = ? LIMIT 1")) {
            query.setString(1, tenant.value());
            return token.read(query.executeQuery().getBytes(1));
        }
    }

    /**
     * So many records, each like the first one's.
     *
     * @param together how many share a MAC: pushes leave sixteen, a new seal one
     */
    private void fill(TenantName tenant, int records, int together) throws Exception {
        AtRest first = anyOf(tenant);
        KekInfo kek = token.kek(tenant);
        var random = new SecureRandom();
        try (Connection connection = open();
                var insert =
                        connection.prepareStatement(
                                "INSERT INTO wrapped_key (version_id, tenant, kek_version, record)"
                                        + " VALUES (?, ?, ?, ?)")) {
            connection.setAutoCommit(false);
            for (int i = 1; i < records; i += together) {
                List<VersionId> ids =
                        Stream.generate(() -> VersionId.random(random)).limit(together).toList();
                List<byte[]> copies = token.copies(first, kek, ids);
                for (int j = 0; j < together; j++) {
                    insert.setString(1, ids.get(j).hex());
                    insert.setString(2, tenant.value());
                    insert.setInt(3, kek.version());
                    insert.setBytes(4, copies.get(j));
                    insert.execute();
                }
            }
            connection.commit();
        }
    }

    /**
     * Prints the rate of each number of threads, and what one thread took for each, in one line.
     */
    private void ceiling(TenantName tenant) throws Exception {
        AtRest key = anyOf(tenant);
        token.rewraps(key, 1, WARM);
        var figures = new ArrayList<Double>();
        double ofOne = 0;
        for (int threads : THREADS) {
            BareToken.Rate rate = token.rewraps(key, threads, LOOK);
            ofOne = threads == 1 ? rate.processorMicros() : ofOne;
            figures.add(rate.perSecond());
        }
        figures.add(ofOne);
        System.out.println(figures.stream().map(Object::toString).collect(joining(" ")));
    }
}
