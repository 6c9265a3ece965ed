"""pymerkle reads an export of Doorstep: trees.py OLD NEW, two states of one log's folder.

It builds its own tree from the leaves, finds both signed roots in it, and verifies its own proofs against them.
"""

import base64
import pathlib
import sys

import pymerkle


def head(folder):
    """Size and root of a checkpoint; its signature is for others to check."""
    lines = (folder / "checkpoint").read_text().split("\n")
    return int(lines[1]), base64.b64decode(lines[2], validate=True)


def path_of(number):
    """The number of a tile as C2SP writes it."""
    parts = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        parts.insert(0, f"x{number % 1000:03}")
    return "/".join(parts)


def leaves(folder, size):
    """The leaves of all bundles; each stands behind its length in two bytes."""
    for first in range(0, size, 256):
        width = min(size - first, 256)
        path = path_of(first // 256) + ("" if width == 256 else f".p/{width}")
        bundle = (folder / "tile" / "entries" / path).read_bytes()
        for _ in range(width):
            end = 2 + int.from_bytes(bundle[:2], "big")
            if len(bundle) < end:
                sys.exit(f"pymerkle: {path} ends early")
            yield bundle[2:end]
            bundle = bundle[end:]
        if bundle:
            sys.exit(f"pymerkle: {path} has more than its leaves")


def main():
    older, newer = (pathlib.Path(argument) for argument in sys.argv[1:3])
    (old, old_root), (new, new_root) = head(older), head(newer)
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    entries = list(leaves(newer, new))
    for entry in entries:
        tree.append_entry(entry)
    if tree.get_root(new) != new_root or tree.get_root(old) != old_root:
        sys.exit("pymerkle: the leaves give another root")
    # Leaves count from 1 there.
    for index in range(1, new + 1):
        proof = tree.prove_inclusion(index, new)
        pymerkle.verify_inclusion(tree.get_leaf(index), new_root, proof)
    pymerkle.verify_consistency(old_root, new_root, tree.prove_consistency(old, new))
    print(f"pymerkle: {new} leaves, {old} to {new} consistent")


main()
