package dev.strongroom.enclave.load;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is waited for during a download. */
class FetchProgressTest {
    /** Of a manifest that names one file twice, half of the bytes never come over the line. */
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void littleIsLeftWhenAllFilesAreKeptWhateverDidNotCome() throws Exception {
        var progress = new FetchProgress(200, System::nanoTime);
        progress.wrote(20);
        progress.kept();
        progress.kept();

        progress.awaitLittleLeft(2);
    }
}
