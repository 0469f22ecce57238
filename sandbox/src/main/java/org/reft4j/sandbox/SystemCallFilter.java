package org.reft4j.sandbox;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.reft4j.sandbox.Sandbox.Layer;

/**
 * A seccomp filter for all threads of this process: calls that a worker never needs fail with {@code EPERM}, whoever makes them. See
 * {@code seccomp(2)}. Numbers are those of x86-64.
 */
final class SystemCallFilter {
    static final String NAME = "system calls";

    private static final int PRCTL = 157;
    private static final int SECCOMP = 317;
    private static final int NO_NEW_PRIVS = 38;
    private static final int SET_FILTER = 1;
    private static final int ALL_THREADS = 1;

    private static final int SOCKET = 41;
    private static final int CLONE = 56;
    private static final int EXECVE = 59;
    private static final int TGKILL = 234;
    private static final int PRLIMIT = 302;
    private static final int CLONE3 = 435;
    private static final int NEW_THREAD = 0x10000;
    private static final int ENOSYS = 38;

    /** Refused whatever their arguments. */
    private static final int[] REFUSED = {
        // Sockets: socket, connect, accept, sendto, recvfrom, sendmsg, recvmsg, bind, listen, socketpair, accept4,
        // recvmmsg, sendmmsg.
        SOCKET,
        42,
        43,
        44,
        45,
        46,
        47,
        49,
        50,
        53,
        288,
        299,
        307,
        // Processes: fork, vfork, execve, execveat, kill, tkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal,
        // pidfd_open,
        // pidfd_getfd, ptrace, process_vm_readv, process_vm_writev, process_madvise, kcmp.
        57,
        58,
        EXECVE,
        322,
        62,
        200,
        129,
        297,
        424,
        434,
        438,
        101,
        310,
        311,
        440,
        312,
        // Shared memory and queues: shmget, shmat, semget, msgget, mq_open, memfd_create, memfd_secret.
        29,
        30,
        64,
        68,
        240,
        319,
        447,
        // File systems: mount, umount2, pivot_root, chroot, fsopen, fsconfig, fsmount, fspick, move_mount, open_tree,
        // mount_setattr,
        // name_to_handle_at, open_by_handle_at, mknod, mknodat, quotactl, swapon, swapoff.
        165,
        166,
        155,
        161,
        430,
        431,
        432,
        433,
        429,
        428,
        442,
        303,
        304,
        133,
        259,
        179,
        167,
        168,
        // Rights: setuid, setgid, setreuid, setregid, setgroups, setresuid, setresgid, setfsuid, setfsgid, capset,
        // unshare, setns,
        // keyctl, add_key, request_key, personality.
        105,
        106,
        113,
        114,
        116,
        117,
        119,
        122,
        123,
        126,
        272,
        308,
        250,
        248,
        249,
        135,
        // The kernel and the machine: init_module, finit_module, delete_module, kexec_load, kexec_file_load, bpf,
        // perf_event_open,
        // userfaultfd, io_uring_setup, io_uring_enter, io_uring_register, iopl, ioperm, modify_ldt, syslog, acct,
        // reboot, sethostname,
        // setdomainname, settimeofday, clock_settime, adjtimex, clock_adjtime, uselib, vhangup.
        175,
        313,
        176,
        246,
        320,
        321,
        298,
        323,
        425,
        426,
        427,
        172,
        173,
        154,
        103,
        163,
        169,
        170,
        171,
        164,
        227,
        159,
        305,
        134,
        153,
    };

    private static final int LOAD_WORD = 0x20;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_AT_LEAST = 0x35;
    private static final int JUMP_IF_ANY_BIT = 0x45;
    private static final int RETURN = 0x06;
    private static final int ALLOW = 0x7fff0000;
    private static final int FAIL_WITH = 0x00050000;
    private static final int KILL_PROCESS = 0x80000000;

    private static final int NUMBER_AT = 0;
    private static final int ARCHITECTURE_AT = 4;
    private static final int FIRST_ARGUMENT_AT = 16;
    private static final int THIRD_ARGUMENT_AT = 32;
    /** Java and the C library call their own threads with these; the others end a process, and Java raises them for a program. */
    private static final int FIRST_REALTIME_SIGNAL = 32;

    private static final int X86_64 = 0xC000003E;
    /** Calls of the x32 interface begin here: the same calls by other numbers. */
    private static final int X32 = 0x40000000;

    private final LinuxCalls calls;

    SystemCallFilter(LinuxCalls calls) {
        this.calls = calls;
    }

    static Layer missing(String why) {
        return Layer.off(NAME, why);
    }

    /** For good: there is no way back. */
    Layer set() {
        if (calls.call(PRCTL, NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
            return missing("the kernel cannot bar a process from new rights");
        }
        List<Long> program = program((int) ProcessHandle.current().pid());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocate(ValueLayout.JAVA_LONG, program.size());
            for (int i = 0; i < program.size(); i++) {
                code.setAtIndex(ValueLayout.JAVA_LONG, i, program.get(i));
            }
            MemorySegment head = arena.allocate(ValueLayout.JAVA_LONG, 2);
            head.set(ValueLayout.JAVA_SHORT, 0, (short) program.size());
            head.setAtIndex(ValueLayout.JAVA_LONG, 1, code.address());
            long error = calls.call(SECCOMP, SET_FILTER, ALL_THREADS, head.address());
            if (error != 0) {
                return missing("the kernel takes no filter (error " + -error + ")");
            }
        }
        // Neither call can do anything, with or without a filter: there is no such family, and no program at address 0.
        return calls.call(SOCKET, -1, 0, 0) == -LinuxCalls.EPERM && calls.call(EXECVE, 0, 0, 0) == -LinuxCalls.EPERM
                ? Layer.on(
                        NAME,
                        "no sockets, programs, processes, signals, tracing, mounting, shared memory: " + REFUSED.length
                                + " refused (seccomp)")
                : missing("the kernel took a filter and does not keep it");
    }

    /** For the process of this id. Instructions of the classic packet filter: the operation in the lowest 16 bits, two jumps of 8, a value of 32. */
    static List<Long> program(int pid) {
        List<Long> program = new ArrayList<>();
        program.add(instruction(LOAD_WORD, 0, 0, ARCHITECTURE_AT));
        program.add(instruction(JUMP_IF_EQUAL, 1, 0, X86_64));
        program.add(instruction(RETURN, 0, 0, KILL_PROCESS));
        program.add(instruction(LOAD_WORD, 0, 0, NUMBER_AT));
        refuse(program, JUMP_IF_AT_LEAST, X32, LinuxCalls.EPERM);
        refuse(
                program,
                JUMP_IF_EQUAL,
                CLONE3,
                ENOSYS); // its flags lie in memory, which a filter cannot read; the C library then uses clone
        for (int number : REFUSED) {
            refuse(program, JUMP_IF_EQUAL, number, LinuxCalls.EPERM);
        }
        refuseUnless(program, CLONE, FIRST_ARGUMENT_AT, JUMP_IF_ANY_BIT, NEW_THREAD);
        refuseUnless(program, TGKILL, FIRST_ARGUMENT_AT, JUMP_IF_EQUAL, pid);
        refuseUnless(program, TGKILL, THIRD_ARGUMENT_AT, JUMP_IF_AT_LEAST, FIRST_REALTIME_SIGNAL);
        refuseUnless(program, PRLIMIT, FIRST_ARGUMENT_AT, JUMP_IF_EQUAL, 0); // of itself
        program.add(instruction(RETURN, 0, 0, ALLOW));
        return program;
    }

    private static void refuse(List<Long> program, int test, int value, int error) {
        program.add(instruction(test, 0, 1, value));
        program.add(instruction(RETURN, 0, 0, FAIL_WITH | error));
    }

    /** Refuses the call where the lower half of the argument fails the test; every other comes to what follows. */
    private static void refuseUnless(List<Long> program, int number, int argumentAt, int test, int value) {
        program.add(instruction(JUMP_IF_EQUAL, 0, 4, number));
        program.add(instruction(LOAD_WORD, 0, 0, argumentAt));
        program.add(instruction(test, 1, 0, value));
        program.add(instruction(RETURN, 0, 0, FAIL_WITH | LinuxCalls.EPERM));
        program.add(instruction(LOAD_WORD, 0, 0, NUMBER_AT));
    }

    private static long instruction(int operation, int ifTrue, int ifFalse, int value) {
        return operation | (long) ifTrue << 16 | (long) ifFalse << 24 | Integer.toUnsignedLong(value) << 32;
    }
}
