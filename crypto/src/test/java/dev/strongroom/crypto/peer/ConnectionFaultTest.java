package dev.strongroom.crypto.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class ConnectionFaultTest {
    @Test
    void saysWhatTheInnermostCauseSays() {
        var refused =
                new IOException("finishConnect(..) failed with error(-111): Connection refused");
        assertThat(ConnectionFault.words(new IllegalStateException("io exception", refused)))
                .isEqualTo("Connection refused");
    }

    @Test
    void namesACauseThatSaysNothing() {
        assertThat(ConnectionFault.words(new ClosedChannelException()))
                .isEqualTo("ClosedChannelException");
    }
}
