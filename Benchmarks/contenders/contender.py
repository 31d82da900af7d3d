"""What the contenders in Python share: see contender.h, which has the same conversation."""

import sys
import time


def run(reshape, load=lambda line: line):
    """Answers questions about passes over the corpus.

    reshape appends the lines of a blob's records to a list and returns how many there were;
    load makes of a line of the corpus what reshape takes.
    """
    with open(sys.argv[1], "rb") as corpus:
        blobs = [load(line.rstrip(b"\n")) for line in corpus]

    def go(file):
        records = size = 0
        begin = time.process_time()
        for blob in blobs:
            lines = []
            records += reshape(blob, lines)
            output = b"".join(lines)
            size += len(output)
            if file:
                file.write(output)
        print(f"{time.process_time() - begin:.9f} {records} {size}", flush=True)

    for command in sys.stdin:
        word, _, path = command.strip().partition(" ")
        if word == "pass":
            go(None)
        elif word == "write":
            with open(path, "wb") as file:
                go(file)
        else:
            sys.exit(f"unknown command: {word}")


def address(text):
    """An address without port and brackets."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text if text.count(":") != 1 else text.partition(":")[0]
