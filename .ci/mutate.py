#!/usr/bin/env python3
"""Breaks one file in place, the same way for the same seed and number, and says what it did.

    .ci/mutate.py text SEED NUMBER FILE       a text in TOML: lines lost, doubled, swapped; values exchanged; bytes changed
    .ci/mutate.py bytes SEED NUMBER FILES...  one of some files: bits flipped, a piece zeroed, doubled or cut off
"""

import pathlib
import random
import sys

VALUES = ["-1", "0", "1e308", "nan", "inf", "9223372036854775807", "-9223372036854775808", '""', '"月"', "true", "[]", "{}",
          "[[]]", "1999-02-29", "2027-01-01", "9999-12-31", "0x7fffffff", "1_000_000_000_000", '"%"', '"0s"', "1.5", "[1, \"a\"]"]
LINES = ["[", "]", "[load]", "[[worlds]]", "[suite]", "x = 1", "= 3", "\u202e", "a.b.c = [", "seed = -5", "users = 0", "months = 0",
         "cell_users = 0", "warmup_months = 70000"]


def break_text(draws, text):
    lines = text.split("\n")
    done = []
    for _ in range(draws.choice([1, 1, 1, 2, 4])):
        at = draws.randrange(len(lines))
        kind = draws.choice(["value", "value", "value", "value", "lose", "double", "swap", "insert", "byte", "cut", "key"])
        if kind == "value":
            with_value = [i for i, line in enumerate(lines) if "=" in line and not line.lstrip().startswith("#")]
            if with_value:
                at = draws.choice(with_value)
                lines[at] = lines[at].split("=")[0] + "= " + draws.choice(VALUES)
        elif kind == "key":
            lines[at] = lines[at].replace("_", draws.choice(["", "-", "."]), 1)
        elif kind == "lose":
            del lines[at]
        elif kind == "double":
            lines.insert(at, lines[at])
        elif kind == "swap":
            other = draws.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == "insert":
            lines.insert(at, draws.choice(LINES))
        elif kind == "byte" and lines[at]:
            column = draws.randrange(len(lines[at]))
            lines[at] = lines[at][:column] + chr(draws.randrange(1, 0x250)) + lines[at][column + 1:]
        elif kind == "cut":
            lines = lines[: max(1, at)]
        lines = lines or [""]
        done.append(f"{kind} at line {at + 1}")
    return "\n".join(lines), ", ".join(done)


def break_bytes(draws, data):
    data = bytearray(data)
    size = len(data)
    kind = draws.choice(["flip", "flip", "flip", "zero", "double", "cut"]) if size else "nothing"
    # The room that a file was given ahead is zeros: what lies in it is hit seldom.
    used = max(1, len(bytes(data).rstrip(b"\0")))
    at = draws.randrange(used if draws.random() < 0.9 else max(1, size))
    if kind == "flip":
        for _ in range(draws.choice([1, 1, 2, 8])):
            data[draws.randrange(used)] ^= 1 << draws.randrange(8)
        at = "several places"
    elif kind == "zero":
        length = min(draws.choice([1, 16, 512, 4096]), size - at)
        data[at:at + length] = bytes(length)
    elif kind == "double":
        data[at:at] = data[at:at + draws.choice([16, 64, 512])]
    elif kind == "cut":
        del data[at:]
    return bytes(data), f"{kind} at {at}"


def main():
    if len(sys.argv) < 5 or sys.argv[1] not in ("text", "bytes"):
        raise SystemExit(__doc__)
    kind, seed, number = sys.argv[1], sys.argv[2], sys.argv[3]
    draws = random.Random(f"{kind}/{seed}/{number}")
    path = pathlib.Path(draws.choice(sorted(sys.argv[4:])))
    if kind == "text":
        text, done = break_text(draws, path.read_text())
        path.write_text(text, errors="replace")
    else:
        data, done = break_bytes(draws, path.read_bytes())
        path.write_bytes(data)
    print(f"{path.name}: {done}")


if __name__ == "__main__":
    main()
