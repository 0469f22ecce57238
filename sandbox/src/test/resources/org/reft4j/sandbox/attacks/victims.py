# Honest programs that use much of the interpreter, to run between the others. What they return is CPython's.
#: arithmetic | returns 22.5
def solution():
    total = sum([3, 4.5, 15])
    return round(total, 2)
#: texts | returns  1.50 a 'b' ff|         x|1.500e+00|12,345|1000|abc
def solution():
    return '|'.join(['%5.2f %s %r %x' % (1.5, 'a', 'b', 255), '{:>10}'.format('x'), f'{1.5:.3e}', f'{12345:,}', f'{8:b}', 'cba'[::-1]])
#: json | returns {"a": [1, 2.5, null, "x"]}
def solution():
    import json
    return json.dumps(json.loads('{"a": [1, 2.5, null, "x"]}'))
#: regular expressions | returns ['1', '2.5', '-3']
def solution():
    import re
    return re.findall(r'-?\d+(?:\.\d+)?', 'a 1 b 2.5 c -3')
#: decimals | returns 0.3333333333333333333333333333
def solution():
    from decimal import Decimal
    return Decimal(1) / 3
#: fractions | returns 5/6
def solution():
    from fractions import Fraction
    return Fraction(1, 2) + Fraction(1, 3)
#: dates | returns 2024-02-29
def solution():
    import datetime
    return datetime.date(2024, 2, 28) + datetime.timedelta(days=1)
#: errors | returns KeyError('x') ZeroDivisionError('division by zero')
def solution():
    def caught(act):
        try:
            act()
        except Exception as error:
            return repr(error)
    return caught(lambda: {}['x']) + ' ' + caught(lambda: 1 / 0)
#: errors of errors | returns ValueError TypeError
def solution():
    try:
        try:
            raise TypeError('a')
        except TypeError as error:
            raise ValueError('b') from error
    except ValueError as error:
        return type(error).__name__ + ' ' + type(error.__cause__).__name__
#: classes | returns [A(1), A(2)] True 3
class A:
    def __init__(self, x): self.x = x
    def __repr__(self): return f'A({self.x})'
    def __lt__(self, other): return self.x < other.x
    def __eq__(self, other): return self.x == other.x
    def __add__(self, other): return self.x + other.x
def solution(A=A):
    return f'{sorted([A(2), A(1)])} {A(1) == A(1)} {A(1) + A(2)}'
#: generators | returns [0, 1, 4, 9] 6
def solution():
    def squares(n):
        for i in range(n):
            yield i * i
    return f'{list(squares(4))} {sum(x for x in [1, 2, 3])}'
#: collections | returns [('a', 2), ('b', 1)] [1, 2, 3] 6
def solution():
    import collections, functools, heapq, itertools
    heap = [3, 1, 2]
    heapq.heapify(heap)
    return f"{collections.Counter('aab').most_common()} {[heapq.heappop(heap) for _ in range(3)]} {functools.reduce(lambda a, b: a + b, itertools.chain([1], [2, 3]))}"
#: recursion that ends | returns 832040
def solution():
    fib = lambda fib, n: n if n < 2 else fib(fib, n - 1) + fib(fib, n - 2)
    f = [0, 1]
    while len(f) < 31: f.append(f[-1] + f[-2])
    return f[30] if fib(fib, 10) == 55 else None
#: great numbers | returns 93326215443944152681699238856266700490715968264381621468592963895217599993229915608941463976156518286253697920827223758251185210916864000000000000000000000000
def solution():
    import math
    return math.factorial(100)
#: statistics | returns 2.5 1.25
def solution():
    import statistics
    return f'{statistics.mean([1, 2, 3, 4])} {statistics.pvariance([1, 2, 3, 4])}'
#: a hash | returns ba7816bf
def solution():
    import hashlib
    return hashlib.sha256(b'abc').hexdigest()[:8]
