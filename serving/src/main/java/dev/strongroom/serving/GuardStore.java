package dev.strongroom.serving;

import dev.strongroom.crypto.format.Lease;
import dev.strongroom.enclave.lease.GuardCalls;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.serving.guard.state.StateKeeper;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Sealed states of a version's guards, at the vault. Thread-safe. */
record GuardStore(GuardCalls vault, Lease lease) implements StateKeeper.Store {
    @Override
    public Optional<StateKeeper.Kept> last() throws IOException {
        try {
            return vault.state(lease).map(kept -> new StateKeeper.Kept(kept.seq(), kept.sealed()));
        } catch (LeaseException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public List<StateKeeper.Kept> others() throws IOException {
        try {
            return vault.otherStates(lease).stream()
                    .map(kept -> new StateKeeper.Kept(kept.seq(), kept.sealed()))
                    .toList();
        } catch (LeaseException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void keep(StateKeeper.Kept state) throws IOException {
        try {
            vault.saveState(lease, new GuardCalls.GuardState(state.seq(), state.sealed()));
        } catch (LeaseException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
