# Recursion to the end of the stack, in ways that meet the interpreter in different places: what they leave must hurt nobody.
#: plain | raises
def solution():
    f = lambda f, n: f(f, n + 1)
    return f(f, 0)
#: with a limit of a thousand million | raises
import sys
sys.setrecursionlimit(10**9)
def solution():
    f = lambda f, n: f(f, n + 1) + 1
    return f(f, 0)
#: caught, and everything used at the bottom | harmless
import sys
sys.setrecursionlimit(10**9)
def solution():
    def f(n):
        try:
            f(n + 1)
        except RecursionError:
            import json, decimal, re, fractions, datetime, hashlib, zlib, struct
            json.dumps([1.5, 'x', {'a': None}]); re.compile('a(b|c)*' + str(n)).match('abc'); decimal.Decimal(1) / 3
            raise
    try: f(0)
    except RecursionError: return 'caught'
#: everything used on every floor | harmless
import sys
sys.setrecursionlimit(10**9)
def solution():
    def f(n):
        try:
            f(n + 1)
        finally:
            import json, decimal, re, fractions, datetime
            json.loads('[1, 2.5, "x"]'); fractions.Fraction(1, n + 1); datetime.date(2020, 1, 1).isoformat()
    try: f(0)
    except BaseException: pass
    return 'caught'
#: mutual | raises
def solution():
    def f(n): return g(n + 1)
    def g(n): return f(n + 1)
    return f(0)
#: in repr | raises
class A:
    def __repr__(self): return repr([self])
def solution(A=A):
    return repr(A())
#: in str | raises
class A:
    def __str__(self): return '%s' % self
def solution(A=A):
    return str(A())
#: in format | raises
class A:
    def __format__(self, spec): return f'{self:x}'
def solution(A=A):
    return format(A())
#: in equality | raises
class A:
    def __eq__(self, other): return [self] == [A()]
def solution(A=A):
    A.__eq__.__globals__['A'] = A
    return A() == A()
#: in the order of a sort | raises
class A:
    def __lt__(self, other): return sorted([A(), A()])
def solution(A=A):
    A.__lt__.__globals__['A'] = A
    return sorted([A(), A(), A()])
#: in a key of a sort | raises
def solution():
    key = lambda x: sorted([x, x], key=key)[0]
    return sorted([2, 1], key=key)
#: in a hash | raises
class A:
    def __hash__(self): return hash((self,))
def solution(A=A):
    return {A(): 1}
#: in a length and a truth | raises
class A:
    def __len__(self): return 1 if self else 0
def solution(A=A):
    return bool(A())
#: in an iterator | raises
class A:
    def __iter__(self): return iter([x for x in self])
def solution(A=A):
    return list(A())
#: in a chain of generators | raises
def solution():
    def g(n):
        yield from g(n + 1)
    return next(g(0))
#: generators of generators | ends
def solution():
    x = iter(range(3))
    for _ in range(10**5):
        x = (y for y in x)
    return list(x)
#: maps of maps | ends
def solution():
    x = iter(range(3))
    for _ in range(10**5):
        x = map(abs, x)
    return list(x)
#: in a missing attribute | raises
class A:
    def __getattr__(self, name): return getattr(self, name + 'x')
def solution(A=A):
    return A().a
#: in a missing key | raises
class D(dict):
    def __missing__(self, key): return self[key + 1]
def solution(D=D):
    return D()[0]
#: in a property | raises
class A:
    @property
    def x(self): return self.x
def solution(A=A):
    return A().x
#: in making an object | raises
class A:
    def __new__(cls): return cls()
def solution(A=A):
    return A()
#: in a class that is called | raises
class A:
    def __call__(self): return self()
def solution(A=A):
    return A()()
#: in bodies of classes | raises
def solution():
    def f():
        class C:
            x = f()
        return C
    return f()
#: in a metaclass | raises
class M(type):
    def __call__(cls): return cls()
class A(metaclass=M): pass
def solution(A=A):
    return A()
#: in comparing types | raises
class M(type):
    def __instancecheck__(cls, x): return isinstance(x, cls)
class A(metaclass=M): pass
def solution(A=A):
    return isinstance(1, A)
#: in arithmetic | raises
class A:
    def __add__(self, other): return self + other
    __radd__ = __mul__ = __add__
def solution(A=A):
    return A() + 1
#: in a descriptor | raises
def solution():
    class D:
        def __get__(self, obj, kind): return obj.x
    class A:
        x = D()
    return A().x
#: in a context manager | raises
class A:
    def __enter__(self):
        with self: pass
    def __exit__(self, *error): pass
def solution(A=A):
    with A(): return 1
#: in handling the error | raises
def solution():
    def f():
        try: 1 / 0
        except ZeroDivisionError: f()
    f()
#: in handling itself | ends
def solution():
    def f():
        try: f()
        except RecursionError: f()
    f()
#: in a finally | ends
def solution():
    def f():
        try: f()
        finally: f()
    f()
#: exec in exec | raises
def solution():
    code = "exec(code, {'code': code})"
    exec(code, {'code': code})
    return 1
#: eval in eval | raises
def solution():
    code = "eval(code, {'code': code})"
    return eval(code, {'code': code})
#: a deep expression | ends
def solution():
    return eval('-' * 10**5 + '1')
#: deep brackets | ends
def solution():
    return eval('[' * 5000 + ']' * 5000)
#: a long sum | ends
def solution():
    return eval('+'.join(['1'] * 10**5))
#: deep blocks | harmless
def solution():
    exec('\n'.join(' ' * i + 'if 1:' for i in range(90)) + '\n' + ' ' * 90 + 'pass')
    return 1
#: a deep list by repr | ends
def solution():
    x = []
    for _ in range(10**5): x = [x]
    return len(repr(x))
#: a deep list by equality | ends
def solution():
    x, y = [], []
    for _ in range(10**5): x, y = [x], [y]
    return x == y
#: a deep tuple by hash | ends
def solution():
    x = ()
    for _ in range(10**5): x = (x,)
    return hash(x)
#: a deep dictionary by str | ends
def solution():
    x = {}
    for _ in range(10**5): x = {1: x}
    return len(str(x))
#: deep json out | ends
def solution():
    import json
    x = []
    for _ in range(10**5): x = [x]
    return len(json.dumps(x))
#: deep json in | ends
def solution():
    import json
    return json.loads('[' * 10**5 + ']' * 10**5)
#: json of what asks for more | raises
def solution():
    import json
    return json.dumps(object(), default=lambda x: [x], check_circular=False)
#: a deep pickle | ends
def solution():
    import pickle
    x = []
    for _ in range(10**5): x = [x]
    return len(pickle.dumps(x))
#: a deep copy | ends
def solution():
    import copy
    x = []
    for _ in range(10**5): x = [x]
    return copy.deepcopy(x)
#: a deep regular expression | ends
def solution():
    import re
    return re.compile('(' * 5000 + 'a' + ')' * 5000).match('a')
#: a replacement that replaces | raises
def solution():
    import re
    f = lambda m: re.sub('a', f, 'a')
    return re.sub('a', f, 'a')
#: a cache that asks itself | raises
def solution():
    import functools
    @functools.lru_cache(None)
    def f(n): return f(n + 1)
    return f(0)
#: functions of functions | harmless
def solution():
    import functools
    f = abs
    for _ in range(10**5): f = functools.partial(f)
    return f(1)
#: reduce in reduce | raises
def solution():
    import functools
    f = lambda a, b: functools.reduce(f, [1, 2])
    return functools.reduce(f, [1, 2])
#: decimal below decimal | raises
def solution():
    import decimal
    f = lambda x: f(decimal.Decimal(x) / 3) + decimal.Decimal('1.5').sqrt()
    return f(1)
#: a fraction of fractions | raises
def solution():
    from fractions import Fraction
    f = lambda x: Fraction(1, 3) + f(x + Fraction(1, 7))
    return f(Fraction(1, 2))
#: dates below dates | raises
def solution():
    import datetime
    f = lambda x: f(x + datetime.timedelta(days=1)) or datetime.date(2020, 1, 1)
    return f(datetime.datetime(2000, 1, 1))
#: an abstract class that asks its subclasses | raises
def solution():
    import abc
    class A(abc.ABC):
        @classmethod
        def __subclasshook__(cls, kind): return issubclass(kind, cls)
    return isinstance(1, A)
#: a data class that holds itself | raises
def solution():
    import dataclasses
    @dataclasses.dataclass
    class A:
        x: object = None
        def __post_init__(self): self.x = A()
    return A()
#: a deep exception | ends
def solution():
    e = None
    for _ in range(10**5):
        n = ValueError(e)
        n.__cause__ = e
        e = n
    raise e
#: deep comprehensions | ends
def solution():
    f = lambda n: [f(n + 1) for _ in [0]]
    return f(0)
#: iterators that import | raises
def solution():
    def f(n):
        import string, bisect, heapq
        heapq.heapify([n, 1])
        return f(n + 1) + string.capwords('a b')
    return f(0)
#: numbers formatted at the bottom | harmless
def solution():
    seen = []
    def f(n):
        try: f(n + 1)
        finally: seen.append('%10.3e %s {:,}'.format(n) % (n, [n]))
    try: f(0)
    except RecursionError: pass
    return len(seen) > 0
