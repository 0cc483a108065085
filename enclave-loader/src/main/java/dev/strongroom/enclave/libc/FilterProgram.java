package dev.strongroom.enclave.libc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A classic BPF program as seccomp takes it: what a call's architecture, number and first argument
 * lead to.
 *
 * @param instructions in order; the program begins at the first
 */
record FilterProgram(List<Instruction> instructions) {
    /**
     * One {@code struct sock_filter}.
     *
     * @param ifTrue instructions to skip when the comparison holds
     * @param ifFalse instructions to skip when it does not
     */
    record Instruction(int code, int ifTrue, int ifFalse, int operand) {}

    private static final int LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private static final int IF_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private static final int IF_AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
    private static final int RETURN = 0x06; // BPF_RET | BPF_K

    // struct seccomp_data
    private static final int NUMBER = 0;
    private static final int ARCHITECTURE = 4;
    private static final int FIRST_ARGUMENT = 16; // its lower half, which is all prctl reads

    private static final int X86_64 = 0xC000003E;
    private static final int FIRST_X32_CALL = 0x40000000;
    private static final int PRCTL = 157;
    private static final int PR_SET_DUMPABLE = 4;

    private static final int KILL_PROCESS = 0x80000000;
    private static final int REFUSE = 0x00050000 | 1; // SECCOMP_RET_ERRNO | EPERM
    private static final int ALLOW = 0x7FFF0000;

    private static final int MAX_JUMP = 255;
    private static final int INSTRUCTION_BYTES = 8;
    private static final int PROGRAM_BYTES = 16; // struct sock_fprog

    FilterProgram {
        instructions = List.copyOf(instructions);
    }

    static FilterProgram denying(DeniedCall... calls) {
        // The end: prctl's argument, allow, refuse. Every jump leads there.
        int afterTests = 5 + calls.length + 1;
        int allow = afterTests + 3;
        int refuse = allow + 1;
        if (refuse > MAX_JUMP) {
            throw new IllegalArgumentException("calls: " + calls.length + " (expected: < 245)");
        }
        List<Instruction> program = new ArrayList<>();
        program.add(new Instruction(LOAD_WORD, 0, 0, ARCHITECTURE));
        program.add(new Instruction(IF_EQUAL, 1, 0, X86_64));
        program.add(new Instruction(RETURN, 0, 0, KILL_PROCESS));
        program.add(new Instruction(LOAD_WORD, 0, 0, NUMBER));
        program.add(jump(IF_AT_LEAST, program.size(), refuse, FIRST_X32_CALL));
        for (DeniedCall call : calls) {
            program.add(jump(IF_EQUAL, program.size(), refuse, call.number()));
        }
        program.add(jump(IF_EQUAL, program.size(), afterTests + 1, PRCTL));
        program.add(new Instruction(RETURN, 0, 0, ALLOW));
        program.add(new Instruction(LOAD_WORD, 0, 0, FIRST_ARGUMENT));
        program.add(jump(IF_EQUAL, program.size(), refuse, PR_SET_DUMPABLE));
        program.add(new Instruction(RETURN, 0, 0, ALLOW));
        program.add(new Instruction(RETURN, 0, 0, REFUSE));
        return new FilterProgram(program);
    }

    private static Instruction jump(int code, int from, int to, int operand) {
        return new Instruction(code, to - from - 1, 0, operand);
    }

    /** A {@code struct sock_fprog} and the instructions that it points to. */
    MemorySegment write(Arena arena) {
        var filter = arena.allocate((long) instructions.size() * INSTRUCTION_BYTES, 8);
        for (int i = 0; i < instructions.size(); i++) {
            write(filter.asSlice((long) i * INSTRUCTION_BYTES), instructions.get(i));
        }
        var program = arena.allocate(PROGRAM_BYTES, 8);
        program.set(JAVA_SHORT, 0, (short) instructions.size());
        program.set(ADDRESS, 8, filter);
        return program;
    }

    private static void write(MemorySegment to, Instruction instruction) {
        to.set(JAVA_SHORT, 0, (short) instruction.code());
        to.set(JAVA_BYTE, 2, (byte) instruction.ifTrue());
        to.set(JAVA_BYTE, 3, (byte) instruction.ifFalse());
        to.set(JAVA_INT, 4, instruction.operand());
    }
}
