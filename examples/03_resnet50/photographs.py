#!/usr/bin/env python3
"""Photographs as ResNet-50 wants them, and its answers in words. Needs nothing but Python.

usage: photographs.py inputs OUT.npy PNG...       each photograph: float32 [N,224,224,3]
       photographs.py calibration OUT.npy PNG...  each photograph, mirrored too, and both a little darker and brighter
       photographs.py top5 ANSWERS.npy CLASSES.txt PNG...

A photograph is a PNG of 224 x 224 pixels, 8 bits a colour, RGB, not interlaced. The network was trained on blue, green, red in
this order, each less its mean over ImageNet, not scaled (Caffe's way, which Keras keeps).
"""

import ast
import array
import pathlib
import struct
import sys
import zlib

SIDE = 224
MEANS = (103.939, 116.779, 123.68)  # blue, green, red


def chunks(data, path):
    """The chunks of a PNG file: (type, content)."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        sys.exit(f"{path}: no PNG file")
    at = 8
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        yield kind, data[at + 8:at + 8 + size]
        at += size + 12


def paeth(left, above, corner):
    """PNG specification, section 9.4: the neighbour nearest to left + above - corner."""
    guess = left + above - corner
    distances = abs(guess - left), abs(guess - above), abs(guess - corner)
    return (left, above, corner)[distances.index(min(distances))]


def unfiltered(row, kind, above):
    """A row of bytes whose neighbours were subtracted."""
    for i, value in enumerate(row):
        left, corner = (row[i - 3], above[i - 3]) if i >= 3 else (0, 0)
        row[i] = (value + (0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))[kind]) & 255
    return row


def read_png(path):
    """Rows of bytes: red, green, blue of each pixel."""
    parts = list(chunks(pathlib.Path(path).read_bytes(), path))
    header = next((content for kind, content in parts if kind == b"IHDR"), b"")
    if len(header) != 13 or struct.unpack(">IIBBBBB", header) != (SIDE, SIDE, 8, 2, 0, 0, 0):
        sys.exit(f"{path}: must have {SIDE} x {SIDE} pixels, 8 bits a colour, RGB, not interlaced")
    data = zlib.decompress(b"".join(content for kind, content in parts if kind == b"IDAT"))
    rows, above = [], bytearray(3 * SIDE)
    for y in range(SIDE):
        start = y * (3 * SIDE + 1)
        above = unfiltered(bytearray(data[start + 1:start + 1 + 3 * SIDE]), data[start], above)
        rows.append(above)
    return rows


def input_of(rows, mirrored=False, light=1.0):
    """float32, row by row."""
    result = array.array("f")
    for row in rows:
        for x in range(SIDE):
            pixel = 3 * (SIDE - 1 - x if mirrored else x)
            result.extend(min(255.0, light * row[pixel + 2 - colour]) - MEANS[colour] for colour in range(3))
    return result


def write_npy(path, images):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(images)}, {SIDE}, {SIDE}, 3), }}"
    header += " " * (63 - (len(header) + 10) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        for image in images:
            if sys.byteorder == "big":
                image.byteswap()
            image.tofile(file)


def read_npy(path):
    """Rows of a float32 array of two axes."""
    data = pathlib.Path(path).read_bytes()
    size = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + size].decode())
    count, width = header["shape"]
    values = array.array("f")
    values.frombytes(data[10 + size:])
    if sys.byteorder == "big":
        values.byteswap()
    return [values[i * width:(i + 1) * width] for i in range(count)]


def print_top5(answers, classes, photographs):
    names = pathlib.Path(classes).read_text().split()
    for photograph, answer in zip(photographs, read_npy(answers)):
        best = sorted(range(len(answer)), key=lambda i: -answer[i])[:5]
        print(pathlib.Path(photograph).stem + ": " + ", ".join(f"{names[i]} {answer[i]:.3f}" for i in best))


def main(job, path, *rest):
    if job == "inputs":
        write_npy(path, [input_of(read_png(png)) for png in rest])
    elif job == "calibration":
        rows = [read_png(png) for png in rest]
        write_npy(path, [input_of(one, mirrored, light) for one in rows for mirrored in (False, True)
                         for light in (1.0, 0.7, 1.2)])
    elif job == "top5":
        print_top5(path, rest[0], rest[1:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}")
