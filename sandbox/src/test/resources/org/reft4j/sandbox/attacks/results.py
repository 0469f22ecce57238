# Results that are hard to carry.
#: itself | returns [[...]]
def solution():
    x = []
    x.append(x)
    return x
#: itself in a dictionary | returns {1: {...}}
def solution():
    x = {}
    x[1] = x
    return x
#: not a number | returns nan
def solution():
    return float('nan')
#: endless | returns inf
def solution():
    return 1e308 * 10
#: endless the other way | returns -inf
def solution():
    return -1e308 * 10
#: a complex number | returns (1+2j)
def solution():
    return 1 + 2j
#: a function | raises
def solution():
    return lambda: 1
#: a generator | raises
def solution():
    return (i for i in [1])
#: a module | raises
def solution():
    return math
#: an object | raises
class A: pass
def solution(A=A):
    return A()
#: a number that lies | raises
class A(float):
    def __float__(self): return 7.0
    def __str__(self): return '7'
def solution(A=A):
    return A(3)
#: a class that pretends | raises
class A:
    __class__ = int
    def __float__(self): return 7.0
def solution(A=A):
    return A()
#: half a letter | harmless
def solution():
    return '\ud800'
#: a letter of zero | harmless
def solution():
    return '\0' * 100
#: an exception as a value | returns boom
def solution():
    return ValueError('boom')
#: a whole number too large for a float | harmless
def solution():
    return 10**4000
#: many in many | harmless
def solution():
    x = 1
    for i in range(500): x = [x]
    return x
