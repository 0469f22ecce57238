# Taking all the memory there is.
#: a power of a power | ends
def solution():
    return 10**10**8
#: a longer power | ends
def solution():
    return 7**7**7**7
#: a shift | ends
def solution():
    return 1 << 10**11
#: a list that doubles | killed
def solution():
    x = [0]
    while True:
        x = x + x
#: a long list | ends
def solution():
    return len([0] * 10**10)
#: a long string | ends
def solution():
    return len('x' * 10**10)
#: a long string by replacement | ends
def solution():
    s = 'ab' * 10**5
    return len(s.replace('a', s).replace('b', s))
#: many bytes | ends
def solution():
    return len(bytearray(10**10))
#: a dictionary that grows | killed
def solution():
    d = {}
    while True:
        d[len(d)] = str(len(d)) * 100
#: a list of everything | killed
def solution():
    import itertools
    return len(list(itertools.count()))
#: all orders | ends
def solution():
    import itertools
    return len(list(itertools.permutations(range(13))))
#: recursion | raises
def solution():
    f = lambda f, n: f(f, n + 1)
    return f(f, 0)
#: recursion without a limit | ends
def solution():
    import sys
    sys.setrecursionlimit(10**9)
    f = lambda f, n: f(f, n + 1) + 1
    return f(f, 0)
#: recursion through a method of the language | ends
class A:
    def __getattr__(self, name):
        return getattr(self, name + 'x')
def solution(A=A):
    return A().a
#: a text that contains itself | ends
def solution():
    x = []
    for _ in range(10**6):
        x = [x]
    return str(x)
#: an expression that is too deep | raises
def solution():
    return eval('(' * 10**5 + ')' * 10**5)
#: a compressed bomb | ends
def solution():
    import zlib
    bomb = zlib.compress(b'0' * 10**7)
    return len(b''.join(zlib.decompress(bomb) for _ in range(10**4)))
#: strings in a tree | ends
def solution():
    x = 'x'
    while True:
        x = x + x
