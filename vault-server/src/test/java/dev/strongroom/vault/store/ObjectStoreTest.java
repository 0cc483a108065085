package dev.strongroom.vault.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectStoreTest {
    private static final TenantName TENANT = new TenantName("acme");

    @TempDir private Path dir;
    private ObjectStore store;

    @BeforeEach
    void open() throws Exception {
        store = ObjectStore.open(dir);
    }

    private static SealedObject object(byte[] content) {
        return new SealedObject(
                TENANT,
                VersionId.random(new SecureRandom()),
                0,
                content.length,
                Digest.sha256(content));
    }

    private static byte[] content(int length) {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return content;
    }

    private void send(SealedObject object, byte[] content, int from, int to) throws Exception {
        try (Upload upload = store.upload(object, from)) {
            upload.write(ByteBuffer.wrap(content, from, to - from));
            upload.finish();
        }
    }

    private byte[] read(SealedObject object, long offset) throws IOException {
        try (var channel = store.read(TENANT, object.digest(), offset)) {
            return Channels.newInputStream(channel).readAllBytes();
        }
    }

    /** However an upload is cut, the object is what was sent. */
    @RepeatedTest(20)
    void takesAnObjectInAnyPieces() throws Exception {
        var random = new Random();
        byte[] content = content(1 + random.nextInt(100_000));
        SealedObject object = object(content);
        while (!store.isComplete(object)) {
            int from = (int) store.resumeAt(object);
            send(object, content, from, from + 1 + random.nextInt(content.length - from));
            if (random.nextBoolean()) {
                store = ObjectStore.open(dir);
            }
        }
        assertThat(read(object, 0)).isEqualTo(content);
        assertThat(read(object, content.length)).isEmpty();
        assertThat(store.resumeAt(object)).isEqualTo(content.length);
    }

    @Test
    void keepsWhatArrivedOfAnUploadThatWasNeverFinished() throws Exception {
        byte[] content = content(1000);
        SealedObject object = object(content);
        try (Upload upload = store.upload(object, 0)) {
            upload.write(ByteBuffer.wrap(content, 0, 400));
        }
        assertThat(store.resumeAt(object)).isEqualTo(400);
    }

    @Test
    void publishesAnObjectThatACrashLeftCompleteButUnnamed() throws Exception {
        byte[] content = content(1000);
        SealedObject object = object(content);
        try (Upload upload = store.upload(object, 0)) {
            upload.write(ByteBuffer.wrap(content));
        }
        assertThat(store.isComplete(object)).isFalse();
        assertThat(store.resumeAt(object)).isEqualTo(1000);
        assertThat(store.isComplete(object)).isTrue();
    }

    @Test
    void dropsACompleteObjectWithOtherBytes() throws Exception {
        byte[] content = content(1000);
        SealedObject object = object(content);
        byte[] other = content.clone();
        other[999] ^= 1;
        try (Upload upload = store.upload(object, 0)) {
            upload.write(ByteBuffer.wrap(other));
        }
        assertThat(store.resumeAt(object)).isZero();
        assertThat(store.isComplete(object)).isFalse();
    }

    @Test
    void letsOneUploadWriteAFileAtATime() throws Exception {
        SealedObject object = object(content(10));
        try (Upload _ = store.upload(object, 0)) {
            assertThat(refusal(object, 0)).isEqualTo(Reason.UPLOAD_BUSY);
        }
        store.upload(object, 0).close();
    }

    @Test
    void refusesAnotherOffsetThanTheEnd() throws Exception {
        byte[] content = content(10);
        SealedObject object = object(content);
        assertThat(refusal(object, 1)).isEqualTo(Reason.UPLOAD_OFFSET);
        send(object, content, 0, 10);
        assertThat(refusal(object, 10)).isEqualTo(Reason.UPLOAD_OFFSET);
    }

    private Reason refusal(SealedObject object, long offset) {
        return catchThrowableOfType(
                        RefusedException.class, () -> store.upload(object, offset).close())
                .reason();
    }

    @Test
    void writesNothingBeyondTheDeclaredSize() throws Exception {
        SealedObject object = object(content(10));
        try (Upload upload = store.upload(object, 0)) {
            var refused =
                    catchThrowableOfType(
                            RefusedException.class,
                            () -> upload.write(ByteBuffer.wrap(new byte[11])));
            assertThat(refused.reason()).isEqualTo(Reason.OBJECT_TOO_LARGE);
        }
        assertThat(store.resumeAt(object)).isZero();
    }

    @Test
    void sweepsOnlyWhatNobodyNames() throws Exception {
        var kept = new ArrayList<SealedObject>();
        var lost = new ArrayList<SealedObject>();
        for (int i = 1; i <= 4; i++) {
            byte[] content = content(i);
            SealedObject object = object(content);
            send(object, content, 0, i);
            (i % 2 == 0 ? kept : lost).add(object);
        }
        int deleted =
                store.sweep(
                        _ -> false,
                        (_, digest) ->
                                kept.stream().anyMatch(o -> o.digest().hex().equals(digest)));
        assertThat(deleted).isEqualTo(lost.size() + 4); // and the four upload folders
        assertThat(kept).allMatch(store::isComplete);
        assertThat(lost).noneMatch(store::isComplete);
    }

    @Test
    void tellsAFullDiskFromOtherTrouble() {
        assertThat(DiskFull.isCauseOf(new IOException("No space left on device"))).isTrue();
        assertThat(DiskFull.isCauseOf(new RuntimeException(new IOException("Disk quota exceeded"))))
                .isTrue();
        assertThat(DiskFull.isCauseOf(new IOException("Broken pipe"))).isFalse();
    }
}
