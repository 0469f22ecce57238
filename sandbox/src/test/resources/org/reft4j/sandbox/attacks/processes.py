# Starting or stopping other programs, and bombs of processes and threads.
#: a shell | raises
def solution():
    import os
    return 'escaped' if os.system('true') == 0 else 1 / 0
#: a shell's output | raises
def solution():
    import os
    return os.popen('id').read() and 'escaped'
#: a command | raises
def solution():
    import subprocess
    return subprocess.check_output(['id']) and 'escaped'
#: become another program | raises
def solution():
    import os
    os.execv('/bin/true', ['true'])
#: spawn | raises
def solution():
    import os
    os.posix_spawn('/bin/true', ['true'], {})
    return 'escaped'
#: fork bomb | raises
def solution():
    import os
    while True:
        os.fork()
#: a pool of processes | ends
def solution():
    import multiprocessing
    with multiprocessing.Pool(2) as p:
        return 'escaped' if p.map(abs, [1]) else 1
#: kill the parent | raises
def solution():
    import os
    os.kill(os.getppid(), 9)
    return 'escaped'
#: kill everybody, of whom there is none | harmless
def solution():
    import os
    os.kill(-1, 9)
#: a thread | raises
def solution():
    import threading
    threading.Thread(target=print).start()
    return 'escaped'
#: thread bomb | raises
def solution():
    import _thread
    while True:
        _thread.start_new_thread(lambda: None, ())
#: a pool of threads | raises
def solution():
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(4) as p:
        return 'escaped' if p.submit(abs, 1).result() else 1
#: a timer that goes off later | raises
def solution():
    import threading
    threading.Timer(0.1, print).start()
    return 'escaped'
