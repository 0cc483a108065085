package dev.strongroom.enclave.libc;

/**
 * System calls that a node has no use for once it runs, by their numbers on x86-64 (Linux, {@code
 * arch/x86/entry/syscalls/syscall_64.tbl}).
 */
enum DeniedCall {
    // Other processes' memory and files
    PTRACE(101),
    PROCESS_VM_READV(310),
    PROCESS_VM_WRITEV(311),
    PROCESS_MADVISE(440),
    PIDFD_OPEN(434),
    PIDFD_GETFD(438),
    KCMP(312),
    // Other programs
    EXECVE(59),
    EXECVEAT(322),
    USELIB(134),
    // File systems and namespaces
    MOUNT(165),
    UMOUNT2(166),
    PIVOT_ROOT(155),
    CHROOT(161),
    OPEN_TREE(428),
    MOVE_MOUNT(429),
    FSOPEN(430),
    FSCONFIG(431),
    FSMOUNT(432),
    FSPICK(433),
    MOUNT_SETATTR(442),
    SETNS(308),
    UNSHARE(272),
    NAME_TO_HANDLE_AT(303),
    OPEN_BY_HANDLE_AT(304),
    QUOTACTL(179),
    // The kernel's code and its own view of memory
    INIT_MODULE(175),
    FINIT_MODULE(313),
    DELETE_MODULE(176),
    KEXEC_LOAD(246),
    KEXEC_FILE_LOAD(320),
    BPF(321),
    PERF_EVENT_OPEN(298),
    USERFAULTFD(323),
    LOOKUP_DCOOKIE(212),
    IO_URING_SETUP(425),
    IO_URING_ENTER(426),
    IO_URING_REGISTER(427),
    SYSLOG(103),
    ADD_KEY(248),
    REQUEST_KEY(249),
    KEYCTL(250),
    // The machine
    SWAPON(167),
    SWAPOFF(168),
    REBOOT(169),
    IOPL(172),
    IOPERM(173),
    MODIFY_LDT(154),
    ACCT(163),
    VHANGUP(153),
    SETHOSTNAME(170),
    SETDOMAINNAME(171),
    // Clocks, which leases end by
    SETTIMEOFDAY(164),
    CLOCK_SETTIME(227),
    CLOCK_ADJTIME(305),
    ADJTIMEX(159),
    // What keeps memory off swap
    MUNLOCKALL(152);

    private final int number;

    DeniedCall(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
