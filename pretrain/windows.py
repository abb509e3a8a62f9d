"""A stream of tokens as windows: drawn by seed to train on, one after another to measure on."""

import numpy as np
import torch
from torch import nn

# What cross entropy leaves out.
NO_TARGET = -100


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
    count = len(stream) - 1
    if count < 1:
        raise ValueError("a text without a token cannot be measured")
    rows = -(-count // length)
    # Filled up to whole windows and whole batches, so that compiled code meets one shape: what is added is no target and stands after all that is.
    tokens = torch.zeros(-(-rows // batch) * batch * length + 1, dtype=torch.long)
    tokens[: count + 1] = torch.from_numpy(stream.astype(np.int64))
    targets = tokens[1:].clone()
    targets[count:] = NO_TARGET
    was = module.training
    module.eval()
    total = 0.0
    for inputs, wanted in zip(tokens[:-1].view(-1, batch, length), targets.view(-1, batch, length)):
        total += float(module(inputs.to(device), wanted.to(device))) * int((wanted != NO_TARGET).sum())
    module.train(was)
    return total / count
