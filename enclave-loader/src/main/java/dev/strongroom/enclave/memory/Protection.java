package dev.strongroom.enclave.memory;

import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;

/** How the pages that hold plaintext are kept from others on this machine. */
public enum Protection {
    /**
     * Locked, in no core dump, wiped in a forked child, in huge pages where the kernel can. Root on
     * this machine can read them.
     */
    LOCKED {
        @Override
        long map(long bytes) throws LibcException {
            return Libc.mmap(bytes);
        }

        @Override
        long mapRepeated(long units, long unitBytes) throws LibcException {
            long address = Libc.mmapRepeated(units, unitBytes);
            try {
                Libc.mlock(address, unitBytes); // of all its addresses: they are the same pages
                return address;
            } catch (LibcException e) {
                Libc.munmap(address, units * unitBytes);
                throw e;
            }
        }

        @Override
        void protect(long address, long bytes) throws LibcException {
            Libc.madvise(address, bytes, Libc.MADV_DONTDUMP);
            Libc.madvise(address, bytes, Libc.MADV_WIPEONFORK);
            Libc.madvise(address, bytes, Libc.MADV_DONTFORK);
            adviseIfKernelCan(address, bytes, Libc.MADV_UNMERGEABLE); // no KSM, no risk
            adviseIfKernelCan(address, bytes, Libc.MADV_HUGEPAGE); // speed only
            Libc.mlock(address, bytes);
        }
    },
    /**
     * Locked by its nature, in no core dump, and taken out of the kernel's own map (memfd_secret):
     * reading the process's memory fails for root too. Pages are small, so a load takes several
     * times as long.
     */
    SECRET {
        @Override
        long map(long bytes) throws LibcException {
            return Libc.mmapSecret(bytes);
        }

        @Override
        long mapRepeated(long units, long unitBytes) throws LibcException {
            return Libc.mmapSecretRepeated(units, unitBytes);
        }

        @Override
        void protect(long address, long bytes) throws LibcException {
            Libc.madvise(address, bytes, Libc.MADV_DONTDUMP);
            Libc.madvise(address, bytes, Libc.MADV_DONTFORK);
        }
    };

    abstract long map(long bytes) throws LibcException;

    /** Addresses of which each {@code unitBytes} are the same pages, kept from others likewise. */
    abstract long mapRepeated(long units, long unitBytes) throws LibcException;

    abstract void protect(long address, long bytes) throws LibcException;

    private static void adviseIfKernelCan(long address, long bytes, int advice) {
        try {
            Libc.madvise(address, bytes, advice);
        } catch (LibcException absent) {
            // A kernel built without the feature cannot do what the advice is about either.
        }
    }
}
