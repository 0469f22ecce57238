# Changing what the next program would use; it is looked at after each.
#: functions of a module | harmless
def solution():
    import random, json, re, string
    random.random = json.dumps = re.match = string.capwords = None
#: seeds and contexts | harmless
def solution():
    import random, decimal
    random.seed(1)
    decimal.getcontext().prec = 1
#: finders of modules | harmless
import sys
sys.meta_path.clear(); sys.path_hooks.clear(); sys.path[:] = ['/tmp']; sys.modules.clear()
#: codecs and registries | harmless
import codecs, copyreg, numbers
codecs.register(lambda name: None)
codecs.register_error('strict', lambda e: ('', e.end))
copyreg.pickle(int, str)
numbers.Number.register(str)
#: interned texts | harmless
import sys
for i in range(1000): sys.intern('solution%d' % i)
#: names of the shared interpreter | harmless
sum = max = len = int = float = str = round = None
math = None
#: a default that grows | harmless
def solution(seen=[]):
    seen.append(1)
    for i in range(1000): seen.append(seen)
    return len(seen)
#: a constant of math by a loop | harmless
for math.pi in [3]: pass
#: a function of math through an alias | harmless
import math as m
m.floor = m.ceil
#: globals by a function | harmless
def f():
    global len, solution
    len = solution = None
f()
#: the names of a function | harmless
def solution():
    solution.__globals__['math'] = None
    solution.__globals__['len'] = None
    return 1
#: hooks of the interpreter | harmless
import sys
sys.excepthook = sys.displayhook = sys.unraisablehook = None
sys.setrecursionlimit(60)
#: methods of a built-in type | raises
int.__add__ = lambda a, b: 0
#: methods of a shared exception | harmless
try: ValueError.__str__ = lambda self: 'changed'
except TypeError: pass
