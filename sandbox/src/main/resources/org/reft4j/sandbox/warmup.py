# Makes the interpreter load what programs use, before any program runs. The results are not looked at.
def solution():
    import json, re

    class A:
        def __init__(self, x): self.x = x
        def __repr__(self): return "A(%r)" % self.x
        def __eq__(self, other): return self.x == other.x
        def __lt__(self, other): return self.x < other.x
        def __hash__(self): return hash(self.x)
        def __add__(self, other): return A(self.x + other.x)
        def __len__(self): return self.x
        def __iter__(self): return iter([self.x])
        def __getitem__(self, key): return key
        def __contains__(self, key): return key == self.x
        def __call__(self, *more): return more
        def __bool__(self): return True
        def __enter__(self): return self
        def __exit__(self, *error): return False
        def __getattr__(self, name): raise AttributeError(name)
        @property
        def y(self): return self.x
        @staticmethod
        def s(): return 1
        @classmethod
        def c(cls): return cls(2)

    class B(A):
        def __init__(self): super().__init__(5)

    def numbers(n):
        try:
            for i in range(n):
                yield i
        finally:
            pass

    def failing(error):
        try:
            try:
                raise error
            except ValueError as cause:
                raise KeyError(str(cause)) from cause
            finally:
                str(error)
        except (KeyError, TypeError) as caught:
            return repr(caught), caught.__context__, caught.__traceback__

    def taking(a, *b, c=1, **d): return a, b, c, d

    failing(ValueError("x")), failing(TypeError("y"))
    for act in (lambda: {}["x"], lambda: [][1], lambda: 1 / 0, lambda: int("x"), lambda: missing, lambda: None.x,
                lambda: 1 + "a", lambda: next(iter([])), lambda: [1, 2].index(3), lambda: float("x"), lambda: json.loads("{")):
        try:
            act()
        except Exception as error:
            repr(error), str(error)
    with A(1) as a:
        pass
    values = [
        sorted([A(3), A(1)]), sorted([3, 1, 2], key=lambda v: -v, reverse=True), list(numbers(3)), [x for x in numbers(2)],
        {x for x in "ab"}, {k: v for k, v in zip("ab", [1, 2])}, sum(x for x in [1, 2]), B().y, A.s(), A.c().x,
        hasattr(a, "z"), getattr(a, "z", 1), isinstance(a, A), issubclass(B, A), a + a, len(a), list(a), a["k"], 1 in a, a(1), not a,
        max([1, 2]), min(3, 4), sum([1.5, 2]), any([0]), all([1]), abs(-3), divmod(7, 2), pow(2, 10), pow(2, 5, 7), round(2.567, 2),
        "%5.2f %s %r %x %d" % (1.5, "a", "b", 255, 7), "{:>10} {:.3e} {:,} {!r} {x}".format("x", 1.5, 12345, "q", x=3),
        f"{8:b} {2.5:.1f} {'s'!r:>5}", "a,b".split(","), " x ".strip(), "abc".replace("b", "d"), "abc".upper(), "x".join(["a", "b"]),
        "abc"[::-1], "abc".find("c"), "a" in "abc", "a" * 3, "a" < "b", [1, 2, 3][1:], (1, 2) + (3,), [0] * 5, {1, 2} | {3},
        {1, 2} & {2}, frozenset([1]), 10**30, 10**30 // 7, 10**30 % 7, 2**100 >> 3, -7 // 2, 1e300 * 10, 0.1 + 0.2, 3 + 4j,
        bytes([1, 2]), bytearray(b"ab"), b"a".decode(), "é".encode(), int("ff", 16), float("2.5"), hex(255), bin(5), oct(8), chr(97),
        ord("a"), list(map(str, [1])), list(filter(None, [0, 1])), list(enumerate("a")), list(reversed([1, 2])), range(5)[2],
        slice(1, 2), type(a).__name__, a == A(1), a != A(2), a < A(2), hash(a), repr(a), {"a": {"b": [1]}}, {1: None}, True and None,
        taking(1, 2, c=3, e=4), (lambda *a, **k: (a, k))(*[1], **{"b": 2}), eval("1 + 1"), exec("z = 1", {}), math.sqrt(2), math.floor(2.5),
        json.dumps([1.5, "x", {"a": None}, True]), json.loads('[1, 2.5, "x", {"a": null}]'), re.findall(r"\d+(?:\.\d+)?", "a 1.5 b"),
        re.sub("(a)|b", "x", "ab"), re.match("a(b|c)*$", "abc").group(0), re.split(r"\s+", "a b"),
    ]  # fmt: skip
    first, *rest = values
    match rest:
        case [x, *_]: values.append(x)
        case {"x": 1}: pass
    n = 0
    while n < 3:
        n += 1
        if n == 2: continue
    del n
    count = 0
    def inner():
        nonlocal count
        count += 1
    inner()
    d = {}
    d.setdefault("a", []).append(1)
    d.update(b=2)
    d.pop("a"), d.get("q"), list(d.items()), list(d.values()), list(d), d.copy()
    l = [3, 1]
    l.sort()
    l.append(2)
    l.extend([4])
    l.insert(0, 9)
    l.pop(), l.remove(9), l.index(1), l.count(1), l.reverse(), l.copy(), l.clear()
    steps = numbers(5)
    next(steps), steps.close()
    str(values), repr(values), print(values)
    return 7
