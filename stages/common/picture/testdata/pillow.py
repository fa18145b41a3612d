"""Writes pillow.zip: small pictures of every kind that is read, and what Pillow makes of them.

    python3 -m venv v && v/bin/pip install pillow==12.0.0 numpy==2.3.5 && v/bin/python pillow.py

decode/NAME holds a file, decode/NAME.pnm the pixels that Pillow reads (P5 grey, P6 color). resize/FIT-HEIGHTxWIDTH-NAME.pnm
holds decode/NAME resized as torchvision does it on PIL images. Equal releases write equal bytes.
"""
import io
import struct
import zipfile
import zlib

import numpy as np
from PIL import Image, ImageOps, __version__, features

assert __version__ == "12.0.0" and np.__version__ == "2.3.5", (__version__, np.__version__)
assert features.version("libjpeg_turbo") and features.version("webp"), "this Pillow lacks libjpeg-turbo or WebP"


def scene(height, width, channels, seed=0, levels=256):
    """Slopes, edges and some noise, as photographs have them: uint16 [height, width, channels] below levels."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for c in range(channels):
        v = 0.5 + 0.3 * np.sin((c + 2) * x / 7.0) * np.cos((3 - c) * y / 9.0) + 0.1 * (x > width // 2) - 0.2 * (y + c > height // 2)
        v = np.where((x - width / 3) ** 2 + (y - height / 3) ** 2 < (min(height, width) / 5) ** 2, c % 2 * 0.9 + 0.05, v)
        planes.append(v + rng.normal(0, 0.02, v.shape))
    return (np.clip(np.stack(planes, -1), 0, 1) * (levels - 1)).round().astype(np.uint16)


def packed(values, depth):
    """Rows of samples [height, n] as PNG's bytes, each row after its filter's number."""
    rows = []
    for row in values:
        if depth == 16:
            data = row.astype(">u2").tobytes()
        elif depth == 8:
            data = row.astype(np.uint8).tobytes()
        else:
            bits = ((row[:, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8).ravel()
            data = np.packbits(bits).tobytes()
        rows.append(b"\0" + data)
    return b"".join(rows)


ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]


def png(values, depth, color, interlaced=False, chunks=(), after=()):
    """A PNG, which Pillow cannot write in all depths and orders."""
    height, width, channels = values.shape
    parts = [values]
    if interlaced:
        parts = [values[y::dy, x::dx] for y, x, dy, dx in ADAM7]
    data = b"".join(packed(p.reshape(p.shape[0], -1), depth) for p in parts if p.size)

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    return b"".join([b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head), *(chunk(*c) for c in chunks), chunk(b"IDAT", zlib.compress(data)),
                     *(chunk(*c) for c in after), chunk(b"IEND", b"")])


def exif(orientation, order="<"):
    tags = [(256, 4, 37), (274, 3, orientation), (305, 2, 0)]
    out = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(tags))
    for tag, kind, value in tags:
        out += struct.pack(order + "HHI", tag, kind, 1) + (struct.pack(order + "HH", value, 0) if kind == 3 else struct.pack(order + "I", value))
    return out + struct.pack(order + "I", 0)


def saved(image, kind, **options):
    b = io.BytesIO()
    image.save(b, kind, **options)
    return b.getvalue()


def files():
    for depth in (1, 2, 4, 8, 16):
        yield f"grey{depth}.png", png(scene(29, 37, 1, depth, 1 << depth), depth, 0)
    for depth in (8, 16):
        yield f"greyalpha{depth}.png", png(scene(29, 37, 2, depth, 1 << depth), depth, 4)
        yield f"rgb{depth}.png", png(scene(29, 37, 3, depth, 1 << depth), depth, 2)
        yield f"rgba{depth}.png", png(scene(29, 37, 4, depth, 1 << depth), depth, 6)
        yield f"rgb{depth}-interlaced.png", png(scene(29, 37, 3, depth, 1 << depth), depth, 2, True)
    palette = np.random.default_rng(1).integers(0, 256, (256, 3), np.uint8)
    for depth in (1, 2, 4, 8):
        plte = (b"PLTE", palette[: 1 << depth].tobytes())
        yield f"palette{depth}.png", png(scene(29, 37, 1, depth, 1 << depth), depth, 3, chunks=[plte])
    yield "palette4-interlaced.png", png(scene(29, 37, 1, 4, 16), 4, 3, True, [(b"PLTE", palette[:16].tobytes())])
    yield "palette8-clear.png", png(scene(29, 37, 1, 8), 8, 3, chunks=[(b"PLTE", palette.tobytes()), (b"tRNS", bytes(range(200)))])
    yield "grey8-clear.png", png(scene(29, 37, 1, 8), 8, 0, chunks=[(b"tRNS", b"\0\x80")])
    yield "rgb8-clear.png", png(scene(29, 37, 3, 8), 8, 2, chunks=[(b"tRNS", b"\0\x80\0\x80\0\x80")])
    yield "rgb8-1x1.png", png(scene(1, 1, 3), 8, 2)
    for orientation in range(1, 9):
        yield f"turned{orientation}.png", png(scene(7, 11, 3), 8, 2, chunks=[(b"eXIf", exif(orientation, "<>"[orientation % 2]))])
    yield "turned-late.png", png(scene(7, 11, 3), 8, 2, after=[(b"eXIf", exif(6))])

    photo = Image.fromarray(scene(35, 43, 3, 3).astype(np.uint8))
    for name, sub in (("444", 0), ("422", 1), ("420", 2)):
        for quality in (30, 75, 95):
            yield f"{name}-{quality}.jpg", saved(photo, "JPEG", quality=quality, subsampling=sub)
    yield "420-progressive.jpg", saved(photo, "JPEG", quality=85, progressive=True)
    yield "420-restart.jpg", saved(photo, "JPEG", quality=85, restart_marker_blocks=2)
    yield "420-even.jpg", saved(photo.crop((0, 0, 32, 32)), "JPEG", quality=85)
    for width, height in ((1, 1), (2, 2), (3, 3), (4, 5), (5, 4), (17, 1), (1, 17), (16, 16), (33, 18)):
        yield f"420-{height}x{width}.jpg", saved(photo.crop((0, 0, width, height)), "JPEG", quality=90)
        yield f"422-{height}x{width}.jpg", saved(photo.crop((0, 0, width, height)), "JPEG", quality=90, subsampling=1)
    yield "grey.jpg", saved(photo.convert("L"), "JPEG", quality=85)
    yield "grey-progressive.jpg", saved(photo.convert("L"), "JPEG", quality=85, progressive=True)
    yield "rgb.jpg", saved(photo, "JPEG", quality=85, keep_rgb=True, subsampling=0)
    yield "cmyk.jpg", saved(photo.convert("CMYK"), "JPEG", quality=85)
    yield "turned6.jpg", saved(photo, "JPEG", quality=85, exif=b"Exif\0\0" + exif(6))
    yield "turned3.jpg", saved(photo, "JPEG", quality=85, exif=b"Exif\0\0" + exif(3, ">"))

    for quality in (10, 80):
        yield f"loss{quality}.webp", saved(photo, "WEBP", quality=quality)
    for width, height in ((1, 1), (2, 2), (3, 4), (32, 32), (33, 17)):
        yield f"loss-{height}x{width}.webp", saved(photo.crop((0, 0, width, height)), "WEBP", quality=80)
    clear = Image.fromarray(scene(35, 43, 4, 4).astype(np.uint8))
    yield "loss-alpha.webp", saved(clear, "WEBP", quality=80, exact=True)
    yield "lossless.webp", saved(photo, "WEBP", lossless=True)
    yield "lossless-alpha.webp", saved(clear, "WEBP", lossless=True, exact=True)
    yield "turned8.webp", saved(photo, "WEBP", quality=80, exif=exif(8))


def pnm(image):
    kind = b"P5" if image.mode == "L" else b"P6"
    return kind + b"\n%d %d\n255\n" % image.size + image.tobytes()


def read(data):
    """What a pil_loader gives, turned as it is to be seen."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.mode == "I;16":  # which Pillow does not take for grey; the upper bytes, as it does for color
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if data[25] == 4 and data.startswith(b"\x89PNG"):  # grey with alpha, which Pillow makes color if it has 16 bits
        return Image.fromarray(np.ascontiguousarray(np.asarray(image)[:, :, 0]))
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def cover(image, height, width):
    """Resize and CenterCrop of torchvision 0.24, transforms/functional.py, for any ratio of the sides."""
    w, h = image.size
    if w * height >= h * width:
        new = (max(width, int(height * w / h)), height)
    else:
        new = (width, max(height, int(width * h / w)))
    image = image.resize(new, Image.BILINEAR)
    left, top = int(round((new[0] - width) / 2.0)), int(round((new[1] - height) / 2.0))
    return image.crop((left, top, left + width, top + height))


def main():
    entries = {}
    for name, data in files():
        entries["decode/" + name] = data
        entries["decode/" + name + ".pnm"] = pnm(read(data))
    sizes = [(32, 32), (16, 16), (8, 5), (5, 8), (64, 48), (100, 7), (7, 100), (1, 1), (29, 20), (20, 37), (71, 90), (13, 11)]
    for name in ("rgb8.png", "grey8.png", "rgb8-1x1.png"):
        image = read(entries["decode/" + name])
        for height, width in sizes:
            entries[f"resize/stretch-{height}x{width}-{name}.pnm"] = pnm(image.resize((width, height), Image.BILINEAR))
            entries[f"resize/cover-{height}x{width}-{name}.pnm"] = pnm(cover(image, height, width))
    with zipfile.ZipFile("pillow.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name, data in entries.items():
            z.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED, 9)


main()
