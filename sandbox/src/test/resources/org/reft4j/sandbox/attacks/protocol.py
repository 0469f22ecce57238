# Speaking to the pool in the worker's place, and floods.
#: a forged outcome | harmless
def solution():
    import os
    os.write(1, b'R\x00\x00\x00\x07escaped\xff\xff\xff\xff')
    return 1
#: a forged outcome on every descriptor | harmless
def solution():
    import os
    for fd in range(64):
        try: os.write(fd, b'R\x00\x00\x00\x07escaped\xff\xff\xff\xff' * 100)
        except BaseException: pass
    return 1
#: by the stream's buffer | harmless
def solution():
    import sys
    for s in (sys.stdout, sys.__stdout__, sys.stderr):
        s.buffer.write(b'BR\x00\x00\x00\x07escaped\xff\xff\xff\xff')
        s.flush()
    return 1
#: by a descriptor's file | harmless
def solution():
    with open(1, 'wb', closefd=False) as f:
        f.write(b'K\x00\x00\x00\x07escaped')
    return 1
#: close what the worker needs | harmless
def solution():
    import os
    for fd in range(64):
        try: os.close(fd)
        except BaseException: pass
    return 1
#: exchange the streams | harmless
def solution():
    import os
    try: os.dup2(0, 1); os.dup2(2, 0)
    except BaseException: pass
    return 1
#: no streams | returns 1
def solution():
    import sys
    sys.stdout = sys.stderr = sys.stdin = sys.__stdout__ = None
    return 1
#: a flood of lines | killed
def solution():
    while True: print('x' * 1000)
#: a flood of errors | killed
def solution():
    import sys
    while True: sys.stderr.write('x' * 10**6)
#: a flood of warnings | killed
def solution():
    import warnings
    while True: warnings.warn('x' * 10**6)
#: a long error | raises
raise ValueError('x' * 10**7)
#: a long result | harmless
def solution():
    return 'x' * 10**7
