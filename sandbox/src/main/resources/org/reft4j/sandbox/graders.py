# What only Python graders get, beside harness.py: calls that share an interpreter, and rapidfuzz.

# Modules that keep nothing which one call could leave for the next and run nothing that a text could hold.
_KEEPING_NOTHING = frozenset(
    "__future__ abc ast base64 bisect calendar cmath collections contextlib copy dataclasses datetime decimal difflib enum "
    "fractions functools hashlib heapq html itertools json math numbers operator rapidfuzz re statistics string "
    "struct textwrap time typing unicodedata zlib".split()
)
# Ways to run a text, or to change what does not belong to the source.
_REACHING = frozenset(
    "__builtins__ __import__ __loader__ __spec__ breakpoint compile delattr eval exec globals input open setattr vars "
    "getcontext setcontext register".split()
)
_PLAIN_DUNDERS = frozenset(
    "__call__ __class__ __contains__ __doc__ __eq__ __getitem__ __hash__ __init__ __iter__ __len__ __lt__ __name__ "
    "__post_init__ __qualname__ __repr__ __str__".split()
)
_FRAMES = ("ag_", "co_", "cr_", "f_", "gi_", "tb_")
_MOST_SOURCES = 64
_sources = {}


def call_warm(source, function, *arguments):
    """Like call, in an interpreter that other calls use too, each with the source's top run anew."""
    try:
        code = _sources[source]
    except KeyError:
        if len(_sources) == _MOST_SOURCES:
            _sources.clear()
        code = _sources[source] = _reusable_code(source)
    if code is None:
        return _NEEDS_OWN_CONTEXT
    try:
        import json

        values = [json.loads(text) for text in arguments]
        scope = _module("<grader>")
        exec(code, scope)
        result = scope[function](*values)
        return (None, type(result).__name__, repr(float(result)) if isinstance(result, (int, float)) else None)
    except BaseException as error:
        return (_with_line(error, "<grader>"), None, None)


def _reusable_code(source):
    """None if a call could leave something behind, or if that is not plain to see."""
    try:
        tree = compile(source, "<grader>", "exec", _ONLY_TREE, True)
        nodes = list(_all_nodes(tree))
        imported = {(a.asname or a.name).split(".")[0] for n in nodes for a in getattr(n, "names", ()) if isinstance(a, _ast.alias)}
        return compile(source, "<grader>", "exec", 0, True) if all(_keeps_nothing(n, imported) for n in nodes) else None
    except BaseException:
        return None


def _all_nodes(node):
    if isinstance(node, list):
        for item in node:
            yield from _all_nodes(item)
    elif isinstance(node, _ast.AST):
        yield node
        for field in node._fields:
            yield from _all_nodes(getattr(node, field, None))


def _keeps_nothing(node, imported):
    if isinstance(node, _ast.Import):
        return all(alias.name.split(".")[0] in _KEEPING_NOTHING for alias in node.names)
    if isinstance(node, _ast.ImportFrom):
        names = [alias.name for alias in node.names]
        known = not node.level and (node.module or "").split(".")[0] in _KEEPING_NOTHING
        return known and all(not n.startswith("_") and n not in _REACHING for n in names)
    if isinstance(node, _ast.Call) and isinstance(node.func, _ast.Name) and node.func.id == "getattr":
        name = node.args[1] if len(node.args) > 1 else None
        plain = isinstance(name, _ast.Constant) and isinstance(name.value, str)
        return plain and _plain_attribute(name.value, node.args[0], imported)
    if isinstance(node, _ast.Name):
        return node.id not in _REACHING
    if isinstance(node, _ast.Attribute):
        return _plain_attribute(node.attr, node.value, imported) and _kept_at_home(node, imported)
    return not isinstance(node, _ast.Subscript) or _kept_at_home(node, imported)


def _plain_attribute(name, owner, imported):
    if name in _REACHING or name.startswith(_FRAMES):
        return False
    if name.startswith("__"):
        return name in _PLAIN_DUNDERS
    return not name.startswith("_") or _root(owner) not in imported


def _kept_at_home(node, imported):
    """Whether it stores to nothing that could belong to a module."""
    root = _root(node)
    return isinstance(node.ctx, _ast.Load) or (root is not None and root not in imported)


def _root(node):
    while isinstance(node, (_ast.Attribute, _ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, _ast.Name) else None


def install_rapidfuzz(measure, default_process):
    """RapidFuzz's functions for texts, over Java. Sequences of other things are refused."""
    modules = {name: type(sys)(name) for name in (
        "rapidfuzz", "rapidfuzz.fuzz", "rapidfuzz.utils", "rapidfuzz.process", "rapidfuzz.distance",
        "rapidfuzz.distance.Levenshtein", "rapidfuzz.distance.Indel")}  # fmt: skip
    for name, module in modules.items():
        home, _, last = name.rpartition(".")
        if home:
            setattr(modules[home], last, module)
        module.__path__ = []
    modules["rapidfuzz"].__version__ = "3.14.6"
    fuzz, utils, process = (modules["rapidfuzz." + name] for name in ("fuzz", "utils", "process"))

    def missing(text):
        return text is None or (isinstance(text, float) and text != text)

    def pair(one, other, processor):
        texts = (one, other) if processor is None else (processor(one), processor(other))
        for text in texts:
            if not isinstance(text, str):
                raise TypeError("rapidfuzz compares str here, not " + type(text).__name__)
        return texts

    def scorer(name):
        def score(s1, s2, *, processor=None, score_cutoff=None):
            if missing(s1) or missing(s2):
                return 0.0
            found = float(measure(name, *pair(s1, s2, processor)))
            return found if score_cutoff is None or found >= score_cutoff else 0.0

        score.__name__ = score.__qualname__ = name
        return score

    for name in ("ratio partial_ratio token_sort_ratio token_set_ratio token_ratio partial_token_sort_ratio "
                 "partial_token_set_ratio partial_token_ratio WRatio QRatio").split():  # fmt: skip
        setattr(fuzz, name, scorer(name))

    def process_text(sentence):
        if not isinstance(sentence, str):
            raise TypeError("sentence must be a String")
        return str(default_process(sentence))

    process_text.__name__ = process_text.__qualname__ = "default_process"
    utils.default_process = process_text

    def levenshtein(one, other):
        return int(measure("levenshtein", one, other)), max(len(one), len(other))

    def indel(one, other):
        most = len(one) + len(other)
        return most - 2 * int(measure("lcs", one, other)), most

    def fill(module, counted):
        def distance(s1, s2, *, processor=None, score_cutoff=None, score_hint=None):
            found, most = counted(*pair(s1, s2, processor))
            return found if score_cutoff is None or found <= score_cutoff else score_cutoff + 1

        def similarity(s1, s2, *, processor=None, score_cutoff=None, score_hint=None):
            found, most = counted(*pair(s1, s2, processor))
            return most - found if score_cutoff is None or most - found >= score_cutoff else 0

        def normalized_distance(s1, s2, *, processor=None, score_cutoff=None, score_hint=None):
            if missing(s1) or missing(s2):
                return 1.0
            found, most = counted(*pair(s1, s2, processor))
            share = found / most if most else 0.0
            return share if score_cutoff is None or share <= score_cutoff else 1.0

        def normalized_similarity(s1, s2, *, processor=None, score_cutoff=None, score_hint=None):
            if missing(s1) or missing(s2):
                return 0.0
            share = 1.0 - normalized_distance(s1, s2, processor=processor)
            return share if score_cutoff is None or share >= score_cutoff else 0.0

        for function in (distance, similarity, normalized_distance, normalized_similarity):
            setattr(module, function.__name__, function)

    fill(modules["rapidfuzz.distance.Levenshtein"], levenshtein)
    fill(modules["rapidfuzz.distance.Indel"], indel)

    def extract_iter(query, choices, *, scorer=fuzz.WRatio, processor=None, score_cutoff=None, score_hint=None, scorer_kwargs=None):
        if missing(query):
            return
        wanted = query if processor is None else processor(query)
        for key, choice in choices.items() if hasattr(choices, "items") else enumerate(choices):
            if not missing(choice):
                text = choice if processor is None else processor(choice)
                found = scorer(wanted, text, score_cutoff=score_cutoff, **(scorer_kwargs or {}))
                if score_cutoff is None or found >= score_cutoff:
                    yield (choice, found, key)

    def extract(query, choices, *, limit=5, **options):
        return sorted(extract_iter(query, choices, **options), key=lambda found: -found[1])[:limit]

    def extractOne(query, choices, **options):
        best = None
        for found in extract_iter(query, choices, **options):
            if best is None or found[1] > best[1]:
                best = found
        return best

    process.extract_iter, process.extract, process.extractOne = extract_iter, extract, extractOne
    sys.modules.update(modules)
