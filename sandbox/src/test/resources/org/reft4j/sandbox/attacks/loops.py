# Taking all the time there is.
#: nothing, for ever | killed
def solution():
    while True: pass
#: at the top | killed
while True: pass
#: catching whatever comes | killed
while True:
    try:
        while True: pass
    except BaseException: pass
    finally: continue
#: in a built-in function | killed
def solution():
    return sum(range(10**12))
#: in two built-in functions | killed
def solution():
    import itertools
    return all(itertools.count(1))
#: in a comparison | killed
def solution():
    return max(range(10**12))
#: in a search | killed
def solution():
    return -1 in range(0, 10**12, 1) or 5.5 in range(10**12)
#: an expression that tracks back elsewhere | harmless
def solution():
    import re
    return re.match(r'(a+)+$', 'a' * 40 + 'b')
#: an expression that must track back | harmless
def solution():
    import re
    return re.match(r'^(a+)+\1+c$', 'a' * 40)
#: another one | harmless
def solution():
    import re
    return re.match(r'(a|aa)+$', 'a' * 60 + 'b')
#: from a number to a text | ends
def solution():
    import sys
    sys.set_int_max_str_digits(0)
    return len(str(3**(10**7)))
#: from a text to a number | ends
def solution():
    import sys
    sys.set_int_max_str_digits(0)
    return int('9' * 10**7) % 7
#: digits that are not allowed | raises
def solution():
    return len(str(10**5000))
#: a factorial | ends
def solution():
    import math
    return math.factorial(10**7) % 10
#: a power by a module | harmless
def solution():
    return pow(3, 10**1000, 10**1000 + 1) % 2
#: sleeping | killed
def solution():
    import time
    time.sleep(10**6)
#: waiting for nobody | killed
def solution():
    import threading
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
#: waiting for an event | killed
def solution():
    import threading
    threading.Event().wait()
#: reading what never comes | raises
def solution():
    return input()
#: in the result's text | killed
class A:
    def __str__(self):
        while True: pass
def solution(A=A):
    class B(int):
        __str__ = A.__str__
    raise ValueError(A())
#: in an exception's text | killed
class E(Exception):
    def __str__(self):
        while True: pass
raise E()
#: when an object dies | harmless
class A:
    def __del__(self):
        while True: pass
def solution(A=A):
    A()
    return 1
#: sorting for ever | killed
class A:
    def __lt__(self, other):
        while True: pass
def solution(A=A):
    return sorted([A(), A()])
#: a deep recursion | killed
def solution():
    f = lambda f, m, n: n + 1 if m == 0 else f(f, m - 1, 1) if n == 0 else f(f, m - 1, f(f, m, n - 1))
    while True:
        try: f(f, 3, 5)
        except RecursionError: pass
