package dev.strongroom.serving.rpc;

import dev.strongroom.proto.inference.DataType;
import dev.strongroom.proto.inference.InferStatistics;
import dev.strongroom.proto.inference.ModelConfig;
import dev.strongroom.proto.inference.ModelInput;
import dev.strongroom.proto.inference.ModelOutput;
import dev.strongroom.proto.inference.ModelStatistics;
import dev.strongroom.proto.inference.RepositoryIndexResponse.ModelIndex;
import dev.strongroom.proto.inference.StatisticDuration;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.infer.Description;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.Statistics;
import java.util.List;

/** What Triton's clients are told beyond the protocol. */
final class TritonMethods {
    private TritonMethods() {}

    static ModelConfig config(ServedModel model) {
        boolean batches = model.batches();
        var config =
                ModelConfig.newBuilder()
                        .setName(model.name())
                        .setPlatform(Description.PLATFORM)
                        .setMaxBatchSize(batches ? model.settings().batchRows() : 0);
        for (TensorSignature input : model.inputs()) {
            config.addInput(
                    ModelInput.newBuilder()
                            .setName(input.name())
                            .setDataType(type(input.type()))
                            .addAllDims(dims(input, batches)));
        }
        for (TensorSignature output : model.outputs()) {
            config.addOutput(
                    ModelOutput.newBuilder()
                            .setName(output.name())
                            .setDataType(type(output.type()))
                            .addAllDims(dims(output, batches)));
        }
        return config.build();
    }

    /** Where models have rows, Triton leaves their number out. */
    private static List<Long> dims(TensorSignature signature, boolean batches) {
        return batches ? signature.shape().subList(1, signature.shape().size()) : signature.shape();
    }

    private static DataType type(ElementType type) {
        return type == ElementType.BYTES
                ? DataType.TYPE_STRING
                : DataType.valueOf("TYPE_" + type.name());
    }

    static ModelStatistics statistics(ServedModel model) {
        Statistics.Figures figures = model.statistics().figures();
        return ModelStatistics.newBuilder()
                .setName(model.name())
                .setVersion(model.version())
                .setLastInference(figures.lastMillis())
                .setInferenceCount(figures.rows())
                .setExecutionCount(figures.runs())
                .setInferenceStats(
                        InferStatistics.newBuilder()
                                .setSuccess(duration(figures.answered(), figures.answeredNanos()))
                                .setFail(duration(figures.refused(), figures.refusedNanos()))
                                .setQueue(duration(figures.answered(), figures.waitNanos()))
                                .setComputeInput(duration(figures.answered(), 0))
                                .setComputeInfer(duration(figures.answered(), figures.runNanos()))
                                .setComputeOutput(duration(figures.answered(), 0)))
                .build();
    }

    private static StatisticDuration duration(long count, long nanos) {
        return StatisticDuration.newBuilder().setCount(count).setNs(nanos).build();
    }

    static ModelIndex index(ServedModel model) {
        return ModelIndex.newBuilder()
                .setName(model.name())
                .setVersion(model.version())
                .setState(model.ready() ? "READY" : "UNAVAILABLE")
                .setReason(model.admission().refusal().map(refusal -> refusal.message()).orElse(""))
                .build();
    }
}
