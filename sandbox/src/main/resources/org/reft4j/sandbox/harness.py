# Runs one program at a time for PythonPrograms. A program is executed with separate globals and locals, as the reference
# code does: what it defines at its top is seen by the call of solution(), but not from inside solution().
import _ast
import builtins
import math
import sys

# What HarmlessProgram lets a program of the shared context name. None of it keeps state or leads to anything that does.
SHARED_BUILTINS = frozenset(
    "abs all any ascii bin bool bytes chr complex dict divmod enumerate filter float format frozenset hex int "
    "isinstance iter len list map max min next oct ord pow print range repr reversed round set slice sorted str sum "
    "tuple zip False None True ArithmeticError AssertionError Exception IndexError KeyError LookupError NameError "
    "NotImplementedError OverflowError RuntimeError TypeError ValueError ZeroDivisionError".split()
)
FORBIDDEN_NAMES = sorted(set(dir(builtins)) - SHARED_BUILTINS)
MATH_NAMES = [name for name in dir(math) if not name.startswith("_")]
VERSION = "GraalPy %d.%d.%d (Python %d.%d.%d)" % (sys.implementation.version[:3] + sys.version_info[:3])

# A result is (error, text, number); this one says that the program must be run by run_alone in a fresh context.
_NEEDS_OWN_CONTEXT = ("", None, None)
_ONLY_TREE = 0x400
_CALL = compile("solution()", "<call>", "eval")
_SHARED_GLOBALS = dict.fromkeys(FORBIDDEN_NAMES)  # a second lock: hides the builtins that no program should have named
_SHARED_GLOBALS["math"] = math
_JSON_WORDS = {"__builtins__": {}, "true": True, "false": False, "null": None}
_LOCAL_RESULTS = (type(None), type(Ellipsis), type(NotImplemented), type(len))


class _NotBundled(type(sys)):
    def __getattr__(self, name, error=ModuleNotFoundError):
        raise error("sympy is not available to programs", name="sympy")


def _one_line(error, type=type, str=str, Exception=Exception):
    name = type(error).__name__ or "nameless"
    try:
        text = str(error)
    except Exception:
        text = ""
    return name + ": " + text if text else name


def _crosses_processes(result, type=type, getattr=getattr):
    """Whether pickle could carry the result, as it must in the reference: a function, a generator and an object of a
    class that the program made cannot."""
    kind = type(result)
    return (
        kind.__module__ != "builtins"
        or kind in _LOCAL_RESULTS
        or getattr(builtins, kind.__name__, None) is kind
    )


# The defaults are bound before any program runs: a program that replaces builtins in a context of its own confuses
# only itself.
def _run(program, scope, exec=exec, eval=eval, compile=compile, float=float, str=str, repr=repr, all=BaseException):
    try:
        names = {}
        exec(compile(program, "<program>", "exec", 0, True), scope, names)
        result = eval(_CALL, scope, names)
        if not _crosses_processes(result):
            return ("cannot return a " + type(result).__name__, None, None)
        try:
            number = repr(float(result))
        except all:
            number = None
        try:
            text = str(result)
        except all:
            if number is None:
                raise
            text = number
        return (None, text, number)
    except all as error:
        return (_one_line(error), None, None)


def run_shared(program):
    return _run(program, _SHARED_GLOBALS.copy())


def run_shared_unless_storing(program):
    try:
        stores = _stores_attribute(compile(program, "<program>", "exec", _ONLY_TREE, True))
    except BaseException as error:
        return (_one_line(error), None, None)
    return _NEEDS_OWN_CONTEXT if stores else run_shared(program)


def run_alone(program):
    sympy = _NotBundled("sympy")
    sys.modules["sympy"] = sympy
    return _run(program, {"math": math, "sympy": sympy})


def call(source, function, *arguments, isinstance=isinstance, float=float, all=BaseException):
    """Arguments are JSON texts, and so, but for three words, Python."""
    try:
        values = [eval(text, _JSON_WORDS.copy()) for text in arguments]
        scope = _module("<grader>")
        exec(compile(source, "<grader>", "exec", 0, True), scope)
        result = scope[function](*values)
        return (None, type(result).__name__, repr(float(result)) if isinstance(result, (int, float)) else None)
    except all as error:
        return (_with_line(error, "<grader>"), None, None)


def check(source, function, arguments):
    try:
        missing = _missing_imports(compile(source, "<grader>", "exec", _ONLY_TREE, True))
        if missing:
            return ("imports " + "; ".join(missing), None, None)
        scope = _module("<grader>")
        exec(compile(source, "<grader>", "exec", 0, True), scope)
        fault = _signature_fault(scope.get(function), function, int(arguments))
        return (fault, None, None) if fault else (None, "", None)
    except BaseException as error:
        return (_with_line(error, "<grader>"), None, None)


def script(program, text, exit=SystemExit, all=BaseException):
    output = sys.stdout
    flush = output.flush
    fault = None
    try:
        exec(compile(program, "<program>", "exec", 0, True), _main_module())
    except exit as error:
        fault = None if error.code in (None, 0) else _with_line(error, "<program>")
    except all as error:
        fault = _with_line(error, "<program>")
    try:
        if sys.stdout is not output:
            sys.stdout.flush()
        flush()
    except all as error:
        fault = fault or _one_line(error)
    return (fault, "", None)


def tests(program, *each, exec=exec, compile=compile, all=BaseException):
    try:
        scope = _main_module()
        exec(compile(program, "<program>", "exec", 0, True), scope)
    except all as error:
        return (_with_line(error, "<program>"), None, None)
    lines = []
    for test in each:
        try:
            exec(compile(test, "<test>", "exec", 0, True), scope)
            lines.append("")
        except all as error:
            lines.append(" ".join(_one_line(error).split())[:300] or "failed")
    return (None, "\n".join(lines), None)


def _module(name):
    return {"__name__": name, "__builtins__": builtins}


def _main_module():
    """With what Python's site module would add."""
    scope = _module("__main__")
    scope["exit"] = scope["quit"] = sys.exit
    return scope


def _with_line(error, file, isinstance=isinstance, SyntaxError=SyntaxError, getattr=getattr):
    """One line: what was raised, and in which line of the file."""
    line = None
    if isinstance(error, SyntaxError) and error.filename == file:
        text, line = type(error).__name__ + ": " + str(error.msg), error.lineno
    else:
        text = _one_line(error)
        step = getattr(error, "__traceback__", None)
        while step is not None:
            if step.tb_frame.f_code.co_filename == file:
                line = step.tb_lineno
            step = step.tb_next
    return text + " (line %d)" % line if line else text


def _missing_imports(tree):
    """Those that fail, wherever they stand, unless the source itself is ready for that."""
    missing = []
    for node in _unguarded(tree):
        names = []
        if isinstance(node, _ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, _ast.ImportFrom) and not node.level and node.module:
            names = [node.module]
        for name in names:
            try:
                __import__(name)
            except BaseException as error:
                missing.append("%s (line %d): %s" % (name, node.lineno, _one_line(error)))
    return missing


def _unguarded(node):
    """All nodes but those that stand in a try that catches what a failed import raises."""
    yield node
    for field in node._fields:
        value = getattr(node, field, None)
        if field == "body" and isinstance(node, _ast.Try) and any(map(_catches_imports, node.handlers)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, _ast.AST):
                yield from _unguarded(child)


def _catches_imports(handler):
    kinds = handler.type.elts if isinstance(handler.type, _ast.Tuple) else [handler.type]
    names = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")
    return any(kind is None or getattr(kind, "id", None) in names for kind in kinds)


def _signature_fault(found, function, arguments):
    code = getattr(found, "__code__", None)
    if code is None:
        return "has no function " + function
    if code.co_flags & 0x2A0:
        return function + " is a generator or async; expected a plain function"
    optional = len(found.__defaults__ or ())
    unlike = code.co_flags & 0xC or code.co_kwonlyargcount or optional
    if unlike or code.co_argcount != arguments:
        taken = "optional or named arguments" if unlike else "%d arguments" % code.co_argcount
        return "%s takes %s; expected exactly %d arguments" % (function, taken, arguments)
    return None


def compile_only(program):
    """Compiling runs nothing, so a program that does not parse needs no context of its own to fail in."""
    try:
        compile(program, "<program>", "exec", 0, True)
    except BaseException as error:
        return (_one_line(error), None, None)
    return _NEEDS_OWN_CONTEXT


def _stores_attribute(node):
    if isinstance(node, list):
        return any(_stores_attribute(item) for item in node)
    if not isinstance(node, _ast.AST):
        return False
    if isinstance(node, _ast.Attribute) and not isinstance(node.ctx, _ast.Load):
        return True
    return any(_stores_attribute(getattr(node, field, None)) for field in node._fields)
