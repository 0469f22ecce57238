# Reading and writing files. Whoever gets through returns "escaped".
#: read a system file | raises
def solution():
    return open('/etc/passwd').read() and 'escaped'
#: write into the working directory | raises
def solution():
    open('x', 'w').write('y')
    return 'escaped'
#: write into the temporary directory | raises
def solution():
    import tempfile
    with tempfile.NamedTemporaryFile() as f:
        f.write(b'x')
    return 'escaped'
#: list the root | raises
def solution():
    import os
    return os.listdir('/') and 'escaped'
#: list the working directory | raises
def solution():
    import os
    return 'escaped' if os.listdir('.') is not None else 1
#: make a directory | raises
def solution():
    import os
    os.mkdir('d')
    return 'escaped'
#: link to a secret | raises
def solution():
    import os
    os.symlink('/etc/shadow', 'here')
    return 'escaped'
#: delete the home | raises
def solution():
    import shutil
    shutil.rmtree('/root' if True else '/home')
    return 'escaped'
#: open below the io module | raises
def solution():
    import os
    return os.read(os.open('/etc/hostname', os.O_RDONLY), 10) and 'escaped'
#: read the process's own memory | raises
def solution():
    return open('/proc/self/maps').read() and 'escaped'
#: read what another descriptor holds | returns nothing
def solution():
    import os
    for fd in range(3, 64):
        try:
            if os.read(fd, 1):
                return 'escaped'
        except OSError:
            pass
    return 'nothing'
#: load a module from a file | raises
def solution():
    import importlib.machinery
    importlib.machinery.SourceFileLoader('m', '/etc/profile').load_module()
    return 'escaped'
#: let the library read a line | returns []
def solution():
    import linecache
    return linecache.getlines('/etc/passwd')
#: map a file | raises
def solution():
    import mmap, os
    return 'escaped' if mmap.mmap(os.open('/etc/hostname', 0), 0) else 1
#: write where Python's library lies | raises
def solution():
    import json
    open(json.__file__, 'a').write('#')
    return 'escaped'
