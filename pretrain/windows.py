"""A stream of tokens as windows: drawn by seed to train on, one after another to measure on."""

import numpy as np
import torch
from torch import nn


class Windows:
    """Windows of `length` tokens and the token after each: every epoch cuts the stream at another offset and draws another order, both by seed,
    so that step n is the same windows whether or not the run was interrupted."""

    def __init__(self, stream: np.ndarray, length: int, seed: int):
        self.stream, self.length, self.seed = stream, length, seed
        self.per_epoch = (len(stream) - 1) // length - 1
        if self.per_epoch < 1:
            raise ValueError(f"{len(stream)} tokens are too few for windows of {length}")
        self.epoch = -1

    def batch(self, first: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        rows = []
        for index in range(first, first + count):
            epoch, place = divmod(index, self.per_epoch)
            if epoch != self.epoch:
                generator = np.random.default_rng((self.seed, epoch))
                self.offset = int(generator.integers(self.length))
                self.order = generator.permutation(self.per_epoch)
                self.epoch = epoch
            start = self.offset + int(self.order[place]) * self.length
            rows.append(self.stream[start : start + self.length + 1])
        both = torch.from_numpy(np.stack(rows).astype(np.int64))
        return both[:, :-1].contiguous(), both[:, 1:].contiguous()


@torch.no_grad()
def mean_loss(module: nn.Module, stream: np.ndarray, length: int, device: torch.device, batch: int = 16) -> float:
    """Mean loss in nats a token, in windows that do not overlap; every token but the first is predicted once."""
    module.eval()
    total, count = 0.0, 0
    tokens = torch.from_numpy(stream.astype(np.int64))
    whole = (len(tokens) - 1) // length
    for start in range(0, whole, batch):
        rows = range(start, min(start + batch, whole))
        both = torch.stack([tokens[row * length : (row + 1) * length + 1] for row in rows]).to(device)
        total += float(module(both[:, :-1], both[:, 1:])) * both[:, 1:].numel()
        count += both[:, 1:].numel()
    module.train()
    return total / count
