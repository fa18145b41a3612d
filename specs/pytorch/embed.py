"""Embeddings of images by a backbone: python3 embed.py --backbone FILE [options]; --help lists them.

Reads inputs/data.parquet, a data set of images, and writes embeddings.parquet, the same samples with what the backbone makes of
each image. FILE is TorchScript, which holds the network too, or a state_dict of a network that --network makes. Nothing is
unpickled but tensors.

Images go through these steps, those that are asked for, in this order: grey ones are repeated to --channels; --resize HEIGHT WIDTH,
bilinear with antialiasing, as torch.nn.functional.interpolate does it; --mean and --std, a number for each channel, are taken off and
divided by. A backbone that gives images, [rows, channels, height, width], is averaged over height and width.
"""

import argparse
import hashlib
import importlib.util
import pathlib

import tables  # first: it says what is missing
import torch


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--backbone", required=True, type=pathlib.Path, help="the file of weights")
    p.add_argument("--sha256", default="", help="its SHA-256; another file is refused")
    p.add_argument("--network", default="", metavar="FILE.py:FUNCTION", help="what makes the torch.nn.Module that a state_dict is of")
    p.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"], help="cuda wants a GPU, auto takes one where there is one")
    p.add_argument("--channels", type=int, help="channels that the backbone takes")
    p.add_argument("--resize", type=int, nargs=2, metavar=("HEIGHT", "WIDTH"))
    p.add_argument("--mean", type=float, nargs="+")
    p.add_argument("--std", type=float, nargs="+")
    p.add_argument("--batch", type=int, default=64, help="images at a time")
    return p.parse_args()


def check_digest(file, declared):
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    print(f"{file}: sha256 {digest}")
    if declared and digest != declared.lower():
        tables.stop(f"{file} has the SHA-256 {digest}, and {declared} is declared: put the declared file in its place, or declare this one's")


def backbone(o):
    """The backbone, in evaluation mode."""
    if not o.network:
        try:
            return torch.jit.load(str(o.backbone), map_location="cpu").eval()
        except RuntimeError as e:
            tables.stop(f"{o.backbone} is no TorchScript ({str(e).splitlines()[0]}): save it by torch.jit.trace(network, image).save(FILE), "
                        "or, if it is a state_dict, say with --network FILE.py:FUNCTION what makes its network")
    path, _, function = o.network.partition(":")
    spec = importlib.util.spec_from_file_location("network", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = getattr(module, function)()
    try:
        network.load_state_dict(torch.load(o.backbone, map_location="cpu", weights_only=True))
    except RuntimeError as e:
        tables.stop(f"{o.backbone} does not fit the network of {o.network}: {e}")
    return network.eval()


def per_channel(values, name, channels):
    if len(values) not in (1, channels):
        tables.stop(f"--{name} has {len(values)} numbers, and the images have {channels} channels: give one for each, or one for all")
    return torch.tensor(values).reshape(1, -1, 1, 1)


def prepared(x, o):
    """Images [rows, channels, height, width] as the backbone takes them."""
    if o.channels and o.channels != x.shape[1]:
        if x.shape[1] != 1:
            tables.stop(f"the images have {x.shape[1]} channels, and --channels {o.channels} repeats grey ones alone: leave it out")
        x = x.expand(-1, o.channels, -1, -1)
    if o.resize:
        x = torch.nn.functional.interpolate(x, size=o.resize, mode="bilinear", align_corners=False, antialias=True)
    if o.mean:
        x = x - per_channel(o.mean, "mean", x.shape[1])
    if o.std:
        x = x / per_channel(o.std, "std", x.shape[1])
    return x


def main():
    o = options()
    device = tables.device(o.device)
    torch.manual_seed(0)
    torch.use_deterministic_algorithms(True)
    check_digest(o.backbone, o.sha256)
    network = backbone(o).to(device)
    data = tables.Dataset("inputs/data.parquet")
    if data.shape is None:
        tables.stop("the inputs of the data set have no shape, so they are no images: give the stage that makes it one, as in shape = [3, 64, 64]")
    parts = []
    with torch.no_grad():
        for x in torch.from_numpy(data.inputs).split(o.batch):
            z = network(prepared(x.reshape(-1, *data.shape), o).to(device))
            if z.dim() == 4:
                z = z.mean((2, 3))
            if z.dim() != 2 or len(z) != len(x):
                tables.stop(f"the backbone makes {list(z.shape)} of {len(x)} images; it should give a row of numbers for each, without a classifier behind")
            parts.append(z.float().cpu())
    z = torch.cat(parts)
    if not z.isfinite().all():
        tables.stop("embeddings are not finite: see that mean and std are those that the backbone was trained with")
    data.write("embeddings.parquet", z.numpy())
    print(f"{len(z)} embeddings of {z.shape[1]} numbers, on {device}")


main()
