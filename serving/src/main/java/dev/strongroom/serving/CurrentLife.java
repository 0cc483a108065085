package dev.strongroom.serving;

import dev.strongroom.enclave.lease.Grant;
import dev.strongroom.proto.v1.Standing;
import dev.strongroom.serving.infer.Admission;
import java.util.Optional;

/** The lease under which this node serves now; another version brings another one. Thread-safe. */
final class CurrentLife implements Admission {
    private volatile LeaseLife life;

    CurrentLife(LeaseLife first) {
        this.life = first;
    }

    LeaseLife get() {
        return life;
    }

    void become(LeaseLife next) {
        life = next;
    }

    Grant grant() {
        return life.grant();
    }

    /** The vault's last word that this lease is not revoked. */
    Optional<Standing> standing() {
        return life.standing();
    }

    @Override
    public Optional<Refusal> take() {
        return life.model().take();
    }

    @Override
    public Optional<Refusal> refusal() {
        return life.model().refusal();
    }

    @Override
    public Optional<Refusal> interruption() {
        return life.model().interruption();
    }
}
