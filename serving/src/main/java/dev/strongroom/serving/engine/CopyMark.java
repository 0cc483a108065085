package dev.strongroom.serving.engine;

import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.memory.TouchesPlaintext;
import dev.strongroom.fingerprint.FingerprintKey;
import dev.strongroom.fingerprint.Marker;
import dev.strongroom.fingerprint.RecipientKey;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Optional;

/** Puts a recipient's mark into opened weights, in the protected memory where they are. */
public final class CopyMark {
    private CopyMark() {}

    /**
     * The key that the mark derives from, when the version has one. The caller closes it.
     *
     * @throws UnservableModelException if what is sealed in its place is no key
     */
    public static Optional<FingerprintKey> key(LoadedModel model) throws UnservableModelException {
        try {
            return model.fingerprintKey();
        } catch (IllegalArgumentException e) {
            throw new UnservableModelException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Marks every matrix and kernel of 32-bit floats; before a session is made over the model.
     *
     * @return tensors that carry the mark now
     * @throws UnservableModelException if none can, since a copy that was to be marked and is not
     *     must not be served
     */
    @TouchesPlaintext("changes each weight by some thousandths of its layer's spread")
    public static int put(LoadedModel model, RecipientKey key) throws UnservableModelException {
        int marked = 0;
        for (ExternalTensor tensor :
                ExternalTensors.find(model.view(model.graphFile()), model.weightFiles())) {
            if (tensor.type() == ElementType.FP32
                    && Marker.marks(tensor.shape())
                    && tensor.bytes() <= Integer.MAX_VALUE) {
                Marker.mark(key, tensor.name(), floats(model.writable(tensor.file()), tensor));
                marked++;
            }
        }
        if (marked == 0) {
            throw new UnservableModelException(
                    "fingerprint: no tensor of this model can carry a mark (expected matrices of"
                            + " 32-bit floats in a weights file); push it prepared, or without"
                            + " --fingerprint");
        }
        return marked;
    }

    private static FloatBuffer floats(MemorySegment file, ExternalTensor tensor) {
        return file.asSlice(tensor.offset(), tensor.bytes())
                .asByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
    }
}
