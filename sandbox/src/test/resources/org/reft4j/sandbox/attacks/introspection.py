# From inside the interpreter to what is around it.
#: all classes there are | harmless
def solution():
    for c in ().__class__.__base__.__subclasses__():
        if c.__name__ in ('Popen', '_wrap_close'):
            return c.__init__.__globals__['system']('true') or 'escaped'
    raise LookupError
#: frames of the runner | harmless
def solution():
    import sys
    f = sys._getframe()
    while f:
        for name in list(f.f_globals):
            f.f_globals[name] = lambda *a, **k: 'escaped by frames'
        f.f_locals.clear()
        f = f.f_back
    return 1
#: a tracer that stays | harmless
def solution():
    import sys
    sys.settrace(lambda *a: None)
    sys.setprofile(lambda *a: None)
#: objects of the collector | harmless
def solution():
    import gc
    for o in gc.get_objects():
        if isinstance(o, dict) and '_run' in o:
            o['_run'] = None
    return len(gc.get_objects())
#: a dictionary of a type | raises
def solution():
    import gc
    for d in gc.get_referents(int.__dict__):
        d['bit_length'] = lambda self: 0
    raise ValueError((5).bit_length())
#: the C library | raises
def solution():
    import ctypes
    ctypes.CDLL(None).system(b'true')
    return 'escaped'
#: memory by address | raises
def solution():
    import ctypes
    return ctypes.string_at(id(solution), 8) and 'escaped'
#: Java | raises
def solution():
    import java
    java.type('java.lang.Runtime').getRuntime().exec('true')
    return 'escaped'
#: Java by the polyglot module | raises
def solution():
    import polyglot
    return polyglot.eval(language='java', string='1') or 'escaped'
#: another interpreter | raises
def solution():
    import polyglot
    return polyglot.eval(language='python', string='1') and 'escaped'
#: the interpreter's own module | harmless
def solution():
    import __graalpython__
    for name in dir(__graalpython__):
        try: setattr(__graalpython__, name, None)
        except BaseException: pass
    return 1
#: extension modules | raises
def solution():
    import _imp
    _imp.create_dynamic(__import__('importlib.machinery').machinery.ModuleSpec('x', None, origin='/lib/x.so'))
    return 'escaped'
#: a pickle that runs a command | raises
def solution():
    import pickle
    return pickle.loads(b"cposix\nsystem\n(S'true'\ntR.") == 0 and 'escaped' or 1 / 0
#: the compiler of the runner | harmless
def solution():
    import builtins
    builtins.compile = builtins.exec = builtins.eval = lambda *a, **k: 'escaped'
    builtins.__import__ = None
    return 1
#: subinterpreters | raises
def solution():
    import _xxsubinterpreters as i
    i.run_string(i.create(), 'import os')
    return 'escaped'
#: another result than the runner's | harmless
def solution():
    import sys
    f = sys._getframe()
    while f:
        for name in ('_one_line', '_run', '_crosses_processes', '_NEEDS_OWN_CONTEXT', '_CALL'):
            if name in f.f_globals:
                f.f_globals[name] = lambda *a, **k: (7, object(), [])
        f = f.f_back
    raise ValueError
