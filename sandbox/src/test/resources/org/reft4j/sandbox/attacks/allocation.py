# More memory than there is, asked for in one piece or in many, of every kind.
#: a list by repetition | ends
def solution():
    return len([0] * 10**8)
#: a list that is far too long | ends
def solution():
    return len([None] * 10**12)
#: a list of lists | ends
def solution():
    return [[0] * 1000 for _ in range(10**6)]
#: a list from a range | ends
def solution():
    return len(list(range(10**9)))
#: a list that extends itself | ends
def solution():
    x = [1]
    for _ in range(60): x.extend(x)
    return len(x)
#: a list by its slices | ends
def solution():
    x = [1] * 10**6
    while True: x[len(x):] = x
#: a text by repetition | ends
def solution():
    return len('ab' * 10**9)
#: a text far too long | ends
def solution():
    return len('x' * 10**15)
#: a text that doubles | ends
def solution():
    x = 'x'
    while True: x += x
#: a text by join | ends
def solution():
    return len('x'.join(['y' * 1000] * 10**7))
#: a text by replacement | ends
def solution():
    s = 'a' * 10**5
    return len(s.replace('a', s))
#: a text by formatting widths | ends
def solution():
    return len('%1000000000d' % 1)
#: a text by a format's width | ends
def solution():
    return len(f'{1:1000000000}')
#: a text by precision | ends
def solution():
    return len('%.1000000000f' % 1.5)
#: a text by filling | ends
def solution():
    return len('1'.zfill(10**10)) + len('x'.ljust(10**10)) + len('x'.center(10**10))
#: a text by tabs | ends
def solution():
    return len('\t'.expandtabs(10**9))
#: a text of all numbers | ends
def solution():
    return len(str(list(range(10**8))))
#: a text in wide letters | ends
def solution():
    return len(('𝄞' * 10**8).upper())
#: many texts | ends
def solution():
    return len([str(i) * 1000 for i in range(10**6)])
#: bytes | ends
def solution():
    return len(bytes(10**10))
#: an array of bytes that grows | ends
def solution():
    x = bytearray(10**6)
    while True: x += x
#: bytes by repetition | ends
def solution():
    return len(b'x' * 10**10)
#: a power | ends
def solution():
    return 10**10**9
#: a power of powers | ends
def solution():
    x = 3
    while True: x = x * x
#: a shift | ends
def solution():
    return 1 << 10**10
#: a factorial | ends
def solution():
    return math.factorial(10**8)
#: many great numbers | ends
def solution():
    return sum([7**i for i in range(10**6)])
#: a number from a long text | ends
def solution():
    return int('9' * 10**7) % 7
#: a dictionary that grows | ends
def solution():
    d = {}
    for i in range(10**9): d[i] = [i]
#: a dictionary of long keys | ends
def solution():
    return len({'k' * i: i for i in range(10**6)})
#: a set that grows | ends
def solution():
    return len(set(range(10**9)))
#: objects | ends
class A: pass
def solution(A=A):
    x = []
    while True:
        a = A()
        a.x = a.y = a.z = [a]
        x.append(a)
#: classes | ends
def solution():
    x = []
    while True: x.append(type('A%d' % len(x), (), {'x': [0] * 1000}))
#: functions | ends
def solution():
    x = []
    while True: x.append(lambda y=len(x): [y] * 10**9)
#: code | ends
def solution():
    x = []
    while True: x.append(compile('\n'.join('a%d = %d' % (i, i) for i in range(1000)), str(len(x)), 'exec'))
#: generators | ends
def solution():
    x = []
    def g(n):
        y = [n] * 100
        yield y
    while True:
        x.append(g(len(x)))
        next(x[-1])
#: errors with their frames | ends
def solution():
    x = []
    while True:
        try: [0][len(x) + 1]
        except IndexError as e: x.append((e, [0] * 100))
#: pairs of everything | ends
def solution():
    import itertools
    return len(list(itertools.product(range(1000), repeat=4)))
#: a count that is kept twice | ends
def solution():
    import itertools
    a, b = itertools.tee(itertools.count())
    for x in a: pass
#: a queue | ends
def solution():
    import collections
    return len(collections.deque(range(10**9)))
#: a counter | ends
def solution():
    import collections
    return len(collections.Counter(range(10**9)))
#: json | ends
def solution():
    import json
    return len(json.dumps(list(range(10**8))))
#: a regular expression with a count | harmless
def solution():
    import re
    return re.compile('(?:(?:(?:a{1000}){1000}){1000}){1000}').match('a' * 1000)
#: all matches | ends
def solution():
    import re
    return len(re.findall('', 'a' * 10**8))
#: compressed | ends
def solution():
    import zlib
    x = zlib.compress(b'0' * 10**7)
    return len([zlib.decompress(x) for _ in range(1000)])
#: many compressors | ends
def solution():
    import zlib
    x = []
    while True:
        c = zlib.compressobj(9)
        c.compress(b'0' * 10**5)
        x.append(c)
#: many hashes | ends
def solution():
    import hashlib
    x = []
    while True: x.append(hashlib.sha256(b'x' * len(x)))
#: an array of numbers | ends
def solution():
    import array
    return len(array.array('d', [0.0]) * 10**9)
#: a buffer | ends
def solution():
    import io
    b = io.BytesIO()
    while True: b.write(b'x' * 10**6)
#: a text buffer | ends
def solution():
    import io
    b = io.StringIO()
    while True: b.write('x' * 10**6)
#: a decimal of many digits | ends
def solution():
    import decimal
    decimal.getcontext().prec = 10**8
    return decimal.Decimal(2).sqrt()
#: a fraction that grows | ends
def solution():
    from fractions import Fraction
    x = Fraction(1, 3)
    while True: x = x * x + 1
#: random bits | ends
def solution():
    import random
    return random.getrandbits(10**10)
#: a matrix | ends
def solution():
    return [[j for j in range(10**4)] for i in range(10**4)]
#: just under the limit, again and again | harmless
def solution():
    for _ in range(20):
        x = [bytes(10**6) for i in range(100)]
    return len(x)
#: caught, and tried again | ends
def solution():
    while True:
        try: x = [0] * 10**9
        except MemoryError: pass
#: caught, with more kept | ends
def solution():
    kept = []
    while True:
        try:
            while True: kept.append([0] * 10**6)
        except BaseException: pass
#: recursion with luggage | ends
def solution():
    f = lambda n: f(n + 1) + [0] * 10**5
    return f(0)
#: many names | ends
def solution():
    d = {}
    for i in range(10**8): d['name%d' % i] = i; setattr(solution, 'a%d' % i, i)
