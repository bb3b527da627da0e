#!/usr/bin/env python3
"""Sound as the keyword spotter wants it, and its answers in words. Needs numpy.

usage: sound.py features OUT.npy SOUND...       each sound: float32 [N,49,10,1]
       sound.py words ANSWERS.npy CLASSES.txt SOUND...

A SOUND is a .wav file (16 kHz, one channel, 16 bits; the first second counts), or one that is made here: `silence`, `yes`, `no`.
"""

import pathlib
import sys
import wave

import numpy as np

RATE = 16000
FRAME, STEP = 480, 320  # 30 ms every 20 ms: 49 frames a second
BANDS, LOW_HZ, HIGH_HZ, COEFFICIENTS = 40, 20.0, 4000.0, 10


# --- features, as mlcommons/tiny computes them with tf.signal (benchmark/training/keyword_spotting/get_dataset.py)

def mel(hz):
    return 1127.0 * np.log(1.0 + hz / 700.0)


def mel_weights(bins):
    """[bins, BANDS]: triangles on the mel scale; bin 0 counts nowhere."""
    edges = np.linspace(mel(LOW_HZ), mel(HIGH_HZ), BANDS + 2)
    at = mel(np.linspace(0.0, RATE / 2, bins)[1:, None])
    rising = (at - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - at) / (edges[2:] - edges[1:-1])
    return np.vstack([np.zeros((1, BANDS)), np.maximum(0.0, np.minimum(rising, falling))])


def features(samples):
    """Mel-frequency cepstral coefficients [49,10,1] of a second of sound."""
    loudest = samples.max()
    samples = samples / loudest if loudest > 0 else samples
    frames = np.stack([samples[i:i + FRAME] for i in range(0, RATE - FRAME + 1, STEP)])
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)
    spectrum = np.abs(np.fft.rfft(frames * window, 512))
    bands = np.log(spectrum @ mel_weights(spectrum.shape[1]) + 1e-6)
    k, n = np.arange(COEFFICIENTS), np.arange(BANDS)
    cosines = np.cos(np.pi / BANDS * (n[:, None] + 0.5) * k) * np.sqrt(2.0 / BANDS)  # DCT-II as tf.signal scales it
    return (bands @ cosines).astype(np.float32)[:, :, None]


# --- sounds

def read_wav(path):
    with wave.open(str(path)) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
            sys.exit(f"{path}: must have 16 kHz, one channel, 16 bits")
        samples = np.frombuffer(file.readframes(RATE), dtype="<i2").astype(float)
    return np.pad(samples, (0, RATE - len(samples)))


def resonate(signal, hz, width_hz):
    """A two-pole resonator whose frequency is given for each sample."""
    radius = np.exp(-np.pi * width_hz / RATE)
    first = 2 * radius * np.cos(2 * np.pi * hz / RATE)
    result = np.zeros(len(signal) + 2)
    for i, value in enumerate(signal):
        gain = 1 - first[i] + radius * radius
        result[i + 2] = gain * value + first[i] * result[i + 1] - radius * radius * result[i]
    return result[2:]


def speak(points, seed):
    """A voice by source and filter. Each point: time in s, voice and hiss (loudness), pitch and three formants in Hz."""
    table = np.array(points, dtype=float)
    at = np.arange(RATE) / RATE
    voice, hiss, pitch, f1, f2, f3 = (np.interp(at, table[:, 0], column) for column in table[:, 1:].T)
    random = np.random.default_rng(seed)
    phase = np.cumsum(pitch / RATE)
    pulses = np.diff(np.floor(phase), prepend=0.0) + 0.02 * random.standard_normal(RATE)
    source = resonate(pulses, np.full(RATE, 10.0), 180.0) * voice
    for hz, width in ((f1, 70.0), (f2, 100.0), (f3, 150.0)):
        source = resonate(source, hz, width)
    noise = np.diff(random.standard_normal(RATE), prepend=0.0) * hiss
    return source / np.abs(source).max() + 0.15 * noise + 0.01 * random.standard_normal(RATE)


def made(name):
    if name == "silence":
        return np.random.default_rng(1).standard_normal(RATE) * 1e-3
    if name == "yes":
        return speak([(0.00, 0, 0, 130, 280, 2200, 2900), (0.22, 0, 0, 130, 280, 2250, 2950), (0.26, 1, 0, 135, 290, 2200, 2900),
                      (0.34, 1, 0, 140, 530, 1850, 2550), (0.46, 1, 0, 125, 560, 1780, 2500), (0.51, 0, 0.5, 110, 450, 1750, 2550),
                      (0.55, 0, 1, 110, 400, 1750, 2550), (0.70, 0, 1, 110, 400, 1750, 2550), (0.76, 0, 0, 110, 400, 1750, 2550),
                      (1.00, 0, 0, 110, 400, 1750, 2550)], 2)
    if name == "no":
        return speak([(0.00, 0, 0, 125, 250, 1300, 2300), (0.24, 0, 0, 125, 250, 1300, 2300), (0.27, 0.4, 0, 125, 250, 1300, 2300),
                      (0.35, 0.5, 0, 128, 260, 1350, 2300), (0.38, 1, 0, 130, 480, 1150, 2350), (0.48, 1, 0, 125, 520, 950, 2350),
                      (0.62, 0.9, 0, 105, 400, 800, 2300), (0.68, 0, 0, 95, 380, 780, 2300), (1.00, 0, 0, 95, 380, 780, 2300)], 3)
    return None


def sound(name):
    samples = made(name)
    if samples is None:
        if not pathlib.Path(name).exists():
            sys.exit(f"{name}: neither a .wav file nor silence, yes or no")
        samples = read_wav(name)
    return samples


def main(job, path, *rest):
    if job == "features":
        np.save(path, np.stack([features(sound(name)) for name in rest]))
    elif job == "words":
        classes = pathlib.Path(rest[0]).read_text().split()
        for name, answer in zip(rest[1:], np.load(path)):
            best = np.argsort(-answer, kind="stable")[:3]
            print(f"{name}: " + ", ".join(f"{classes[i]} {answer[i]:.3f}" for i in best))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
