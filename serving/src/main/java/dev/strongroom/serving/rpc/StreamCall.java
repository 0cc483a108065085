package dev.strongroom.serving.rpc;

import dev.strongroom.crypto.puzzle.Solution;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelStreamInferResponse;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.InferenceCall;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.UnreadAnswers;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Inferences of one caller, one after another over one gRPC call. Answers keep the order of the
 * requests, but for those that come in parts, whose parts are sent as they are made and hold up
 * nobody; a refused request is answered with its refusal's text, and the stream goes on. A caller
 * who does not read his answers is not read from either.
 */
final class StreamCall extends ServerCall.Listener<ModelInferRequest> {
    private static final int UNDER_WAY = 32; // requests; more wait on the wire
    private static final int UNREAD_PARTS = 32; // of all requests; more are not made
    private static final String STATUS = "status"; // of a refusal, by the name of gRPC's

    private final ServerCall<ModelInferRequest, ModelStreamInferResponse> call;
    private final InferencePath path;
    private final UnreadAnswers unread;
    private final Caller caller = Connections.caller();
    private final ArrayDeque<Turn> turns = new ArrayDeque<>(); // guards itself and what follows
    private final ArrayDeque<Sent> parts = new ArrayDeque<>();
    private int inParts; // requests whose last part is still to be sent
    private long sent; // bytes of answers that are sent and perhaps not read
    private boolean halfClosed;
    private boolean closed;

    private StreamCall(
            ServerCall<ModelInferRequest, ModelStreamInferResponse> call, InferencePath path) {
        this.call = call;
        this.path = path;
        this.unread = path.unread();
    }

    static ServerCall.Listener<ModelInferRequest> take(
            ServerCall<ModelInferRequest, ModelStreamInferResponse> call, InferencePath path) {
        call.sendHeaders(new Metadata());
        call.request(UNDER_WAY);
        return new StreamCall(call, path);
    }

    @Override
    public void onMessage(ModelInferRequest request) {
        var turn = new Turn(request);
        synchronized (turns) {
            turns.addLast(turn);
        }
        try {
            RequestMarshaller.requireParsed(request);
        } catch (RefusedException e) {
            turn.refuse(e);
            return;
        }
        path.infer(turn);
    }

    @Override
    public void onHalfClose() {
        synchronized (turns) {
            halfClosed = true;
            send();
        }
    }

    @Override
    public void onReady() {
        synchronized (turns) {
            send();
        }
    }

    @Override
    public void onCancel() {
        synchronized (turns) {
            turns.forEach(Turn::giveBack);
            turns.clear();
            parts.forEach(part -> unread.give(caller, part.bytes()));
            parts.clear();
            read();
        }
    }

    @Override
    public void onComplete() {
        synchronized (turns) {
            read();
        }
    }

    /** What is done and whose turn it is, as far as it is read; those behind wait for it. */
    private void send() {
        while (!parts.isEmpty() && call.isReady()) {
            Sent part = parts.removeFirst();
            call.sendMessage(part.message());
            sent += part.bytes();
            if (part.isLast()) {
                inParts--;
                call.request(1);
            }
        }
        while (!turns.isEmpty() && turns.getFirst().answer != null && call.isReady()) {
            Turn turn = turns.removeFirst();
            call.sendMessage(turn.answer);
            sent += turn.handOver();
            call.request(1);
        }
        if (call.isReady()) {
            read();
        }
        boolean done = turns.isEmpty() && parts.isEmpty() && inParts == 0;
        if (halfClosed && done && !closed && !call.isCancelled()) {
            closed = true;
            call.close(Status.OK, new Metadata());
        }
    }

    /** What was sent left this process, or never will. */
    private void read() {
        unread.give(caller, sent);
        sent = 0;
    }

    /**
     * A part of an answer that is to be sent.
     *
     * @param bytes of unread answers that it counts as
     */
    private record Sent(ModelStreamInferResponse message, long bytes, boolean isLast) {}

    private static InferParameter text(String value) {
        return InferParameter.newBuilder().setStringParam(value).build();
    }

    private static ModelStreamInferResponse inferred(ModelInferResponse response) {
        return ModelStreamInferResponse.newBuilder().setInferResponse(response).build();
    }

    /** One request of the stream and, sooner or later, its answer. */
    private final class Turn implements InferenceCall {
        private @Nullable ModelInferRequest request; // until it is answered
        private final String id;
        private @Nullable ModelStreamInferResponse answer;
        private long taken; // of unread answers
        private boolean inTurn = true; // false once a part of its answer came

        Turn(ModelInferRequest request) {
            this.request = request;
            this.id = request.getId();
        }

        @Override
        public Caller caller() {
            return caller;
        }

        @Override
        public ModelInferRequest request() {
            return Objects.requireNonNull(request, "a turn that has ended");
        }

        @Override
        public boolean abandoned() {
            return call.isCancelled();
        }

        @Override
        public void soon(Runnable step) {
            EventLoops.soon(step);
        }

        @Override
        public boolean streams() {
            return true;
        }

        @Override
        public boolean takesMore() {
            synchronized (turns) {
                return parts.size() < UNREAD_PARTS;
            }
        }

        @Override
        public void part(ModelInferResponse part) throws RefusedException {
            long bytes = part.getSerializedSize();
            unread.take(caller, bytes);
            synchronized (turns) {
                if (inTurn) {
                    inTurn = false;
                    inParts++;
                    turns.remove(this);
                }
                add(inferred(part), bytes, false);
            }
        }

        /** As a part, since its answer comes in parts. */
        private void add(ModelStreamInferResponse message, long bytes, boolean isLast) {
            if (call.isCancelled()) {
                unread.give(caller, bytes);
            } else {
                parts.addLast(new Sent(message, bytes, isLast));
                send();
            }
        }

        @Override
        public void answer(ModelInferResponse response) {
            long bytes = response.getSerializedSize();
            try {
                unread.take(caller, bytes);
            } catch (RefusedException e) {
                refuse(e);
                return;
            }
            end(inferred(response), bytes);
        }

        /** Triton's clients find the request by the id in an answer that is empty otherwise. */
        @Override
        public void refuse(RefusedException refusal) {
            var said =
                    ModelInferResponse.newBuilder()
                            .setId(id)
                            .putParameters(STATUS, text(refusal.code().name()));
            refusal.puzzle()
                    .ifPresent(puzzle -> said.putParameters(Solution.PARAMETER, text(puzzle)));
            end(
                    ModelStreamInferResponse.newBuilder()
                            .setErrorMessage(refusal.reason() + ": " + refusal.getMessage())
                            .setInferResponse(said)
                            .build(),
                    0);
        }

        /** The stream gives it back now. */
        private long handOver() {
            long bytes = taken;
            taken = 0;
            return bytes;
        }

        private void giveBack() {
            unread.give(caller, taken);
            taken = 0;
        }

        /** With what it took: whoever cancels the stream sees that with the answer, or neither. */
        private void end(ModelStreamInferResponse response, long bytes) {
            synchronized (turns) {
                request = null; // answers may wait long for those before them
                if (!inTurn) {
                    add(response, bytes, true);
                } else if (call.isCancelled()) {
                    unread.give(caller, bytes);
                } else {
                    taken = bytes;
                    answer = response;
                    send();
                }
            }
        }
    }
}
