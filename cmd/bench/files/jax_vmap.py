"""JAX as a peer of `bench train`: vmap over seeds of the training of jax_scan, so that they are trained in lockstep."""

import jax_scan
from peer import SEEDS, serve


class Training(jax_scan.Training):
    seeds = SEEDS


if __name__ == "__main__":
    serve(Training, jax_scan.draw, jax_scan.about)
