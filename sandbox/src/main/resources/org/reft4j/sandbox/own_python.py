# Behind harness.py, in a CPython of the user's: gives up what it can, then does one task a line of JSON.
import json
import os


def _limit(memory):
    import resource

    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (most, most))
    return "memory %d MiB" % (memory >> 20)


def _landlock():
    """From now on this process opens no file for writing, and makes, moves and deletes none."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    call = lambda *numbers: libc.syscall(*map(ctypes.c_long, numbers))
    version = call(444, 0, 0, 1)
    if version < 1:
        raise OSError("no Landlock")
    known = {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)
    writing = ((1 << known) - 1) & ~0b1101  # all but running, and reading files and folders
    handled = (ctypes.c_uint64 * 2)(writing, 3 if version >= 4 else 0)
    rules = call(444, ctypes.addressof(handled), 16 if version >= 4 else 8, 0)
    if rules < 0 or libc.prctl(38, 1, 0, 0, 0) or call(446, rules, 0):
        raise OSError("Landlock refused its rules")
    os.close(rules)
    return "files read only"


def _seccomp(instructions):
    """The sandbox's own filter."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    code = (ctypes.c_uint64 * len(instructions))(*(i & 0xFFFFFFFFFFFFFFFF for i in instructions))
    head = (ctypes.c_uint64 * 2)(len(instructions), ctypes.addressof(code))
    libc.prctl(38, 1, 0, 0, 0)
    if not instructions or libc.syscall(*map(ctypes.c_long, (317, 1, 0, ctypes.addressof(head)))):
        raise OSError("no filter")
    return "no sockets, programs or processes"


def _confine(request):
    held = []
    for act, argument in ((_limit, (request["memory"],)), (_landlock, ()), (_seccomp, (request["filter"],))):
        try:
            held.append(act(*argument))
        except Exception:
            pass  # not on this system: what holds is said
    return held


def _serve():
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)

    def reply(value):
        replies.write(json.dumps(value) + "\n")
        replies.flush()

    reply([sys.version.split()[0]] + _confine(json.loads(requests.readline())))
    for line in requests:
        request = json.loads(line)
        reply({"call": call, "check": check}[request["function"]](*request["texts"]))


_serve()
