package dev.strongroom.bench.serve;

import dev.strongroom.bench.SideProcess;
import java.io.IOException;

/** The bare echo as a process of its own. */
public final class Echo implements AutoCloseable {
    private final SideProcess process;

    private Echo(SideProcess process) {
        this.process = process;
    }

    /**
     * Starts a process that echoes.
     *
     * @param answerBytes size of each answer
     * @param loops threads
     */
    public static Echo start(int answerBytes, int loops) throws IOException {
        return new Echo(SideProcess.ofBench(EchoSide.NAME, "" + answerBytes, "" + loops));
    }

    public Load load(int connections, int calls, byte[] request) throws Exception {
        return new Load(
                Connections.open(connections, () -> Clients.plain(process.address())),
                EchoSide.METHOD,
                () -> request,
                calls,
                () -> ProcessorTime.of(process.pid()));
    }

    @Override
    public void close() {
        process.close();
    }
}
