package dev.strongroom.serving.access;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * How long one connection lasts: it ends when it is old, or idle, by the limits in force at that
 * moment. Idle is a connection without a call under way. As soon as it is known of which tenant its
 * client is, those of this tenant count and no other's.
 *
 * <p>For the thread of the connection.
 */
public final class Lifetime {
    private final LiveLimits limits;
    private final Loop loop;
    private final Consumer<Duration> retire;
    private final Runnable revised = this::revised;
    private final long began = System.nanoTime();
    private long quietSince = began;
    private int calls;
    private Optional<String> tenant = Optional.empty();
    private Runnable cancel = () -> {};
    private boolean over;

    /** The thread of a connection. */
    public interface Loop extends Executor {
        /** Runs a step later, unless what it gives back is run before. */
        Runnable after(Duration delay, Runnable step);
    }

    private Lifetime(LiveLimits limits, Loop loop, Consumer<Duration> retire) {
        this.limits = limits;
        this.loop = loop;
        this.retire = retire;
    }

    /**
     * A connection begins.
     *
     * @param retire ends it with its calls under way, and after so long in any case
     */
    public static Lifetime begin(LiveLimits limits, Loop loop, Consumer<Duration> retire) {
        var lifetime = new Lifetime(limits, loop, retire);
        limits.follow(lifetime.revised);
        lifetime.look();
        return lifetime;
    }

    /** Its client turned out to be of this tenant; for any thread. */
    public void of(String whose) {
        loop.execute(() -> {
            tenant = Optional.of(whose);
            look();
        });
    }

    /** Its calls under way are so many now. */
    public void calls(int underWay) {
        if (underWay == 0 && calls > 0) {
            quietSince = System.nanoTime();
        }
        calls = underWay;
    }

    /** It has ended. */
    public void end() {
        over = true;
        cancel.run();
        limits.forget(revised);
    }

    private void revised() {
        loop.execute(this::look);
    }

    /**
     * Looks when it may be over at the earliest, so that calls cost no timer: one that begins idles
     * its whole time anew once it has ended.
     */
    private void look() {
        cancel.run();
        if (over) {
            return;
        }
        ConnectionLimits now = tenant.map(limits::now).orElseGet(limits::now);
        long time = System.nanoTime();
        long old = now.age().toNanos() - (time - began);
        long idle = now.idle().toNanos() - (calls > 0 ? 0 : time - quietSince);
        if (old <= 0 || idle <= 0) {
            over = true;
            retire.accept(now.grace());
        } else {
            cancel = loop.after(Duration.ofNanos(Math.min(old, idle)), this::look);
        }
    }
}
