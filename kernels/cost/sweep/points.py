#!/usr/bin/env python3
"""Points for sweep.py: modules of the library with parameters as layers of trained networks have them, drawn with fixed seeds.

usage: points.py [MODULE ...]    (all modules where none is named)
"""

import random
import sys


def up(value, unit):
    return -(-value // unit)


def stream():
    draw = random.Random(1)
    for lanes in (1, 2, 4, 7, 8, 16, 32, 64):
        for depth in (2, 4, 8, 16, 32, 33, 64, 100, 200, 512, 600, 2000):
            if draw.random() < 0.5:
                yield f"algean_fifo BITS=8 LANES={lanes} DEPTH={depth}"
    for lanes in (1, 3, 8, 16, 32):
        yield f"algean_register BITS=8 LANES={lanes}"
    for lanes in (1, 8, 16):
        for outputs in (2, 3):
            yield f"algean_clone BITS=8 LANES={lanes} OUTPUTS={outputs}"
    for _ in range(70):
        elements = draw.choice([8, 16, 24, 32, 48, 64, 92, 96, 128, 184, 256, 276, 512])
        lanes = [1, 2, 3, 4, 6, 8, 11, 12, 13, 16, 20, 23, 26, 32]
        a = draw.choice(lanes)
        b = draw.choice(lanes)
        yield (f"algean_repack BITS=8 ROWS={draw.choice([1, 16, 49, 196])} IN_ELEMENTS={elements} IN_LANES={min(a, elements)} "
               f"OUT_ELEMENTS={elements} OUT_LANES={min(b, elements)}")


def window():
    draw = random.Random(21)
    # height, width, channels, lanes, kernel, strides, dilations, paddings, order
    images = [(56, 56, 64, 16, 3, 3, 1, 1, 1, 1, 1, 1, 0), (28, 28, 128, 8, 3, 3, 1, 1, 1, 1, 1, 1, 0),
              (14, 14, 256, 16, 3, 3, 1, 1, 1, 1, 1, 1, 0), (7, 7, 512, 8, 3, 3, 1, 1, 1, 1, 1, 1, 0),
              (112, 112, 64, 8, 3, 3, 2, 2, 1, 1, 1, 0, 1), (224, 224, 3, 3, 7, 7, 2, 2, 1, 1, 3, 3, 2),
              (56, 56, 256, 8, 1, 1, 2, 2, 1, 1, 0, 0, 0), (32, 32, 16, 4, 3, 3, 1, 1, 1, 1, 1, 1, 0),
              (25, 5, 64, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1), (49, 10, 1, 1, 10, 4, 2, 2, 1, 1, 4, 1, 0)]
    for _ in range(28):
        height = draw.choice([7, 8, 14, 16, 28, 32, 56])
        width = draw.choice([7, 8, 14, 16, 28, 32, 56, 100])
        channels = draw.choice([1, 3, 8, 16, 24, 32, 64, 128])
        lanes = draw.choice([each for each in (1, 2, 3, 4, 8, 13, 16, 32) if each <= channels])
        kernel = draw.choice([1, 2, 3, 3, 3, 5]), draw.choice([1, 3, 3, 3, 5])
        strides = draw.choice([1, 1, 2, 3]), draw.choice([1, 1, 2])
        dilation = draw.choice([1, 1, 1, 2])
        reach = [(each - 1) * dilation for each in kernel]
        if reach[0] + 1 > height or reach[1] + 1 > width:
            continue
        top, left = draw.randint(0, reach[0] // 2), draw.randint(0, reach[1] // 2)
        order = draw.choice([0, 0, 1, 1, 2])
        if order == 2 and lanes > 8:
            order = 0
        images.append((height, width, channels, lanes, *kernel, *strides, dilation, dilation, top, left, order))
    for height, width, channels, lanes, kh, kw, sh, sw, dh, dw, top, left, order in images:
        yield (f"algean_window BITS=8 LANES={lanes} CHANNELS={channels} HEIGHT={height} WIDTH={width} KERNEL_H={kh} KERNEL_W={kw} "
               f"STRIDE_H={sh} STRIDE_W={sw} DILATION_H={dh} DILATION_W={dw} PAD_TOP={top} PAD_BOTTOM={top} PAD_LEFT={left} "
               f"PAD_RIGHT={left} PAD_VALUE={draw.randint(-128, 127)} ORDER={order}")


def least_lanes(sums, folds):
    return next(lanes for lanes in range(1, sums + 1) if sums % lanes == 0 and sums // lanes <= folds)


def requantisation(draw, most_bits):
    arithmetic = draw.choice([0, 0, 1])
    low = draw.randint(9, 14) if arithmetic == 0 else draw.randint(-9, -5)
    high = low + draw.choice([0, 1, 2, 3, 5])
    return arithmetic, low, min(high, 0) if arithmetic else high, 17 if arithmetic == 0 else 31, most_bits


def matvec():
    draw = random.Random(11)
    shapes = [(64, 64), (276, 184), (92, 92), (276, 276), (576, 64), (128, 128), (256, 64), (64, 256), (27, 16), (144, 16),
              (40, 64), (64, 12), (200, 50), (1152, 128), (512, 128), (147, 64), (30, 30)]
    points = {}
    for _ in range(75):
        elements, outputs = draw.choice(shapes)
        simd = min(elements, draw.choice([1, 2, 3, 4, 5, 6, 8, 9, 11, 13, 16, 20, 26, 32]))
        pe = min(outputs, draw.choice([1, 2, 3, 4, 5, 6, 8, 10, 12, 13, 16, 20, 24, 32]))
        folds, rounds = up(elements, simd), up(outputs, pe)
        if simd * pe > 256 or folds * rounds < 2:
            continue
        bits = draw.choice([20, 21, 22, 23, 24, 25]) if elements < 600 else 25
        packed = draw.choice([0, 1, 1]) if pe > 1 else 0
        arithmetic, low, high, multiplier, _ = requantisation(draw, bits)
        lanes = least_lanes(pe, folds)
        points[
            f"algean_matvec ELEMENTS={elements} OUTPUTS={outputs} SIMD={simd} PE={pe} LANES={lanes} BITS=8 WEIGHT_BITS=8 "
            f"ACCUMULATOR_BITS={bits} PACKED={packed} ARITHMETIC={arithmetic} SHIFT_LOW={low} SHIFT_HIGH={high} "
            f"ZERO={draw.randint(-128, 20)} LOW=-128 HIGH=127 WEIGHTS=random:{pe * simd * 8}x{folds * rounds} "
            f"CONSTANTS=random:{lanes * (bits + multiplier + 6)}x{up(outputs, lanes)}"] = simd * pe
    yield from sorted(points, key=points.get)


def depthwise():
    draw = random.Random(41)
    for lanes in (1, 2, 3, 4, 8, 16):
        for _ in range(2):
            channels, taps = draw.choice([16, 32, 64, 96]), draw.choice([9, 9, 25])
            arithmetic, low, high, multiplier, bits = requantisation(draw, draw.choice([18, 20, 22]))
            out_lanes = least_lanes(lanes, taps)
            yield (f"algean_depthwise CHANNELS={channels} MULTIPLIER=1 TAPS={taps} LANES={lanes} OUT_LANES={out_lanes} BITS=8 "
                   f"WEIGHT_BITS=8 ACCUMULATOR_BITS={bits} ARITHMETIC={arithmetic} SHIFT_LOW={low} SHIFT_HIGH={high} "
                   f"ZERO={draw.randint(-128, 20)} LOW=-128 HIGH=127 WEIGHTS=random:{lanes * 8}x{taps * up(channels, lanes)} "
                   f"CONSTANTS=random:{out_lanes * (bits + multiplier + 6)}x{up(channels, out_lanes)}")


def loadable():
    """The same without their files."""
    draw = random.Random(51)
    for line in draw.sample(sorted(matvec()), 7) + draw.sample(sorted(depthwise()), 3):
        module, *settings = line.split()
        settings = [each for each in settings if "random:" not in each]
        if "SIMD=1 " not in line and module == "algean_matvec":
            settings.append(f"ULTRA={draw.randint(0, 1)}")
        yield " ".join([f"{module}_loadable", *settings])
        if module == "algean_depthwise":
            yield " ".join([f"{module}_loadable", *settings, "ULTRA=1"])


def finish_word(draw, finish, count):
    """A word of algean_reduce_finish: a multiplier and its shift, or a reciprocal of `count` with what rounds."""
    if finish == 1:
        return f"{draw.randint(65536, 131071) | draw.randint(17, 22) << 32:x}"
    shift = (256 * count * count - 1).bit_length()
    return f"{count // 2 << 40 | shift << 32 | -(-(1 << shift) // count):x}"


def flow():
    draw = random.Random(31)
    for lanes in (1, 2, 4, 8, 16):
        for rule in (0, 1):
            shift = draw.randint(12, 20)
            yield (f"algean_join LANES={lanes} ELEMENTS={lanes * 8} RULE={rule} MULTIPLIER_0={draw.randint(8192, 32767)} "
                   f"MULTIPLIER_1={draw.randint(8192, 32767)} OFFSET={1 << (shift - 1)} SHIFT={shift} "
                   f"ZERO_0={draw.randint(-128, 127)} ZERO_1={draw.randint(-128, 127)} ZERO_Y=-128 PERIOD=0")
    for lanes in (1, 4):
        for rule in (2, 3):
            yield f"algean_join LANES={lanes} ELEMENTS=64 RULE={rule} TABLES=1 IMAGE=random:8x512 PERIOD=0"
    for lanes in (1, 2, 4, 8, 16):
        yield f"algean_table LANES={lanes} ELEMENTS=64 OUT_BITS=8 TABLES=1 IMAGE=random:8x256"
    for lanes in (1, 2, 4, 8, 16):
        yield (f"algean_pad LANES={lanes} ELEMENTS=64 HEIGHT=56 WIDTH=56 TOP=1 LEFT=1 BOTTOM=1 RIGHT=1 "
               f"VALUE={draw.randint(-128, 127)}")
        yield f"algean_concat BITS=8 LANES={lanes} BEATS_0={draw.randint(1, 30)} BEATS_1={draw.randint(1, 30)}"
        yield (f"algean_split BITS=8 LANES={lanes} BEATS_0={draw.randint(1, 30)} BEATS_1={draw.randint(1, 30)} "
               f"ROUNDS={draw.choice([1, 49, 3136])}")
        yield (f"algean_repeat BITS=8 LANES={lanes} BEATS={draw.choice([4, 8, 16])} WIDTH={draw.choice([14, 28, 56])} ACROSS=2 "
               f"DOWN=2")
        yield (f"algean_reduce KIND=1 LANES={lanes} BLOCKS=1 COUNT=9 ELEMENTS=64 TOTAL_BITS=8 INITIAL=-128 FINISH=0")
        # An average of four without a change of scale: its multiplier is a power of two.
        yield (f"algean_reduce KIND=0 LANES={lanes} BLOCKS=1 COUNT=4 ELEMENTS={lanes * 8} TOTAL_BITS=11 INITIAL=512 FINISH=1 "
               f"ZERO_Y=-20 PERIOD=1 IMAGE=words:{1 << 16 | 18 << 32:x}")
        for blocks, count, rows in ((draw.choice([8, 16, 64]), 49, 16), (draw.choice([1, 8]), 64, 8)):
            bits = draw.choice([15, 16, 18])
            finish = draw.choice([1, 1, 3])
            period = draw.choice([1, 1, 4])
            words = [finish_word(draw, finish, count) for _ in range(period)]
            yield (f"algean_reduce KIND=0 LANES={lanes} BLOCKS={blocks} COUNT={count} ELEMENTS={lanes * rows} TOTAL_BITS={bits} "
                   f"INITIAL=0 FINISH={finish} ZERO_Y=-5 PERIOD={period} IMAGE=words:{';'.join(words)}")
        if lanes < 8:
            yield (f"algean_reduce KIND=0 LANES={lanes} BLOCKS=8 COUNT=64 ELEMENTS={lanes * 8} TOTAL_BITS=16 INITIAL=0 FINISH=2 "
                   f"ZERO_Y=-5 PERIOD=1 IMAGE=words:{1 << 30 | draw.getrandbits(30) | 58 << 32:x}")
    for elements in (10, 12, 32, 1000):
        for rule in (0, 1):
            yield f"algean_softmax ELEMENTS={elements} RULE={rule} EXPONENTIALS=random:32x256"
    for lanes in (1, 2, 4):
        yield f"algean_score LANES={lanes} ELEMENTS=276 RULE=0 OUT_BITS=18 MULTIPLIER_0=1 MULTIPLIER_1=1 ZERO_0=-3 ZERO_1=10"
        yield f"algean_score LANES={lanes} ELEMENTS=276 RULE=0 OUT_BITS=42 MULTIPLIER_0=4096 MULTIPLIER_1=3001 ZERO_0=-3 ZERO_1=10"
        yield f"algean_score LANES={lanes} ELEMENTS=32 RULE=1 OUT_BITS=32 IMAGE=random:31x512"
    for elements in (10, 100):
        yield f"algean_softmax ELEMENTS={elements} RULE=2 STEP=3000 ZERO_Y=-10 EXPONENTIALS=random:32x256 LOGARITHMS=random:32x1088"
    for lanes, beats in ((1, 1000), (4, 4096), (1, 150528), (8, 512)):
        yield (f"algean_move BITS=8 LANES={lanes} BEATS={beats} ELEMENTS=16 FILLER=0 COUNT_0=1 COUNT_1=10 COUNT_2=20 COUNT_3=30 "
               "OFFSETS_0=words:0 OFFSETS_1=random:8x10 OFFSETS_2=random:10x20 OFFSETS_3=random:12x30")


def main():
    points = dict.fromkeys(line for part in (stream, window, matvec, depthwise, loadable, flow) for line in part())
    for line in points:
        if len(sys.argv) == 1 or line.split()[0] in sys.argv[1:]:
            print(line)


if __name__ == "__main__":
    main()
