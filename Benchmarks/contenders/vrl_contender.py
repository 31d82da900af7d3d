"""Vector's VRL through its Python package: a record at a time, as Vector has events."""

import os

import orjson
import vrl_python

import contender

with open(os.path.join(os.path.dirname(__file__), "reshape.vrl"), encoding="utf-8") as file:
    source = file.read()
runtime = vrl_python.VRLRuntime()
runtime.compile(source)


def load(blob):
    """The records of a blob as lines, which is how Vector reads them; not measured."""
    return [orjson.dumps(record).decode() for record in orjson.loads(blob)]


def reshape(records, lines):
    for record in records:
        result = runtime.execute(source, {"line": record})
        lines.append(result.processed_event["line"].encode())
        lines.append(b"\n")
    return len(records)


contender.run(reshape, load)
