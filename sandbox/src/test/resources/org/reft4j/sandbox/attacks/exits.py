# Ending the worker, or outliving the end.
#: leave at once | raises
def solution():
    import os
    os._exit(0)
#: leave politely | raises
import sys
sys.exit(0)
#: leave by name | raises
raise SystemExit
#: abort | raises
def solution():
    import os
    os.abort()
    return 'escaped'
#: kill itself | raises
def solution():
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
    return 'escaped'
#: raise a signal | harmless
def solution():
    import signal
    signal.raise_signal(signal.SIGTERM)
#: an alarm for whoever comes next | harmless
def solution():
    import signal
    signal.alarm(1)
#: ignore signals | harmless
def solution():
    import signal
    for s in range(1, 32):
        try: signal.signal(s, signal.SIG_IGN)
        except BaseException: pass
    return 1
#: interrupt the main thread | harmless
def solution():
    import _thread
    _thread.interrupt_main()
#: a keyboard that is not there | raises
raise KeyboardInterrupt
#: the end of a generator | raises
raise GeneratorExit
#: something to do at the end | harmless
import atexit
def end():
    while True: pass
atexit.register(end)
#: a fault of the machine | raises
def solution():
    import faulthandler
    faulthandler._sigsegv()
    return 'escaped'
#: code that is no code | ends
def solution():
    f = lambda: 1
    f.__code__ = f.__code__.replace(co_code=b'\xff' * 64)
    return f()
#: an exception that is none | raises
raise 1
#: an exception that cannot be shown | raises
class E(BaseException):
    def __str__(self):
        raise self
    __repr__ = __str__
raise E()
#: an exception without a name | raises
raise type('', (Exception,), {})()
#: an exception whose name is no text | raises
class M(type):
    __name__ = property(lambda self: [self])
class E(Exception, metaclass=M): pass
raise E()
#: an exception whose name fails | raises
class M(type):
    @property
    def __name__(self): raise SystemExit
class E(Exception, metaclass=M): pass
raise E()
