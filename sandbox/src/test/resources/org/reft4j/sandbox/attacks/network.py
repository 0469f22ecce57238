# Leaving by the network.
#: connect | raises
def solution():
    import socket
    socket.create_connection(('127.0.0.1', 1), timeout=1)
    return 'escaped'
#: send a datagram | raises
def solution():
    import socket
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))
    return 'escaped'
#: listen | raises
def solution():
    import socket
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    s.listen()
    return 'escaped'
#: ask for an address | raises
def solution():
    import socket
    return 'escaped' if socket.getaddrinfo('example.com', 80) else 1
#: ask for an address by another name | raises
def solution():
    import socket
    return 'escaped' + socket.gethostbyname('localhost')
#: a pair of sockets | raises
def solution():
    import socket
    socket.socketpair()
    return 'escaped'
#: fetch a page | ends
def solution():
    import urllib.request
    return urllib.request.urlopen('http://127.0.0.1:1/').read() or 'escaped'
#: a file by its address | ends
def solution():
    import urllib.request
    return urllib.request.urlopen('file:///etc/passwd').read() and 'escaped'
#: asynchronously | ends
async def go():
    import asyncio
    await asyncio.open_connection('127.0.0.1', 1)
    return 'escaped'
def solution(go=go):
    import asyncio
    return asyncio.run(go())
