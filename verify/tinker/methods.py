"""Prints what the installed tinker has: its version, the public methods of its clients, and the routes that they call.

    python methods.py > sdk.txt

Twins that end in _async are left out.
"""

import importlib.metadata
import inspect
import pathlib
import re

import tinker

CLIENTS = ("ServiceClient", "TrainingClient", "SamplingClient", "RestClient", "AdminClient")
# Of the SDK's own working, and no calls of a service.
INNER = {"create", "from_sampler_handle", "get_sampler_handle", "get_telemetry", "holder", "on_queue_state_change"}
CALL = re.compile(r'\.(?:_)?(get|post|put|delete|patch)\(\s*f?"(/api/v1/[^"]*)"|request\(\s*"(GET|DELETE)", "(/api/v1/[^"]*)"')

print(f"version {importlib.metadata.version('tinker')}")
for client in CLIENTS:
    for name, value in sorted(vars(getattr(tinker, client)).items()):
        value = getattr(value, "__func__", value)
        if inspect.isroutine(value) and not name.startswith("_") and not name.endswith("_async") and name not in INNER:
            print(f"method {client}.{name}")
routes = set()
for file in pathlib.Path(tinker.__file__).parent.rglob("*.py"):
    if not file.name.endswith("_test.py"):
        for verb, path, other, place in CALL.findall(file.read_text()):
            routes.add(f"{(verb or other).upper()} {re.sub('{[^}]*}', '{}', path or place)}")
for route in sorted(routes):
    print(f"route {route}")
