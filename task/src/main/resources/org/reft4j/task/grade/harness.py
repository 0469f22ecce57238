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
_LOCAL_RESULTS = (type(None), type(Ellipsis), type(NotImplemented), type(len))


class _NotBundled(type(sys)):
    def __getattr__(self, name, error=ModuleNotFoundError):
        raise error("sympy is not available to programs", name="sympy")


def _one_line(error, type=type, str=str, Exception=Exception):
    name = type(error).__name__
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
