"""How fast what is learned: the learning rate over a run, and which optimiser moves which weights."""

import math

import torch
from torch import nn


def rate(step: int, steps: int, train: dict) -> float:
    """Share of the peak learning rate at a step: warm-up, then cosine decay to a tenth, or level until the last share decays to zero."""
    warmup = max(1, int(train.get("warmup", 0.01) * steps))
    if step < warmup:
        return (step + 1) / warmup
    if train.get("schedule", "cosine") == "cosine":
        return 0.1 + 0.45 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))
    decay = train.get("decay", 0.2) * steps
    return min(1.0, (steps - step) / max(1.0, decay))


def optimizers(model: nn.Module, train: dict) -> list[torch.optim.Optimizer]:
    """AdamW for everything, or Muon for the blocks' matrices and AdamW for the rest. Vectors and embeddings do not decay."""
    peak, decay = train["learning_rate"], train.get("weight_decay", 0.1)
    adamw = {"lr": peak, "betas": (0.9, 0.95), "eps": 1e-8, "fused": True}
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and ".h." in name]
    inside = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in inside]
    if train.get("optimizer", "adamw") == "muon":
        # Scaled so that its steps are as long as AdamW's: one learning rate serves both.
        muon = torch.optim.Muon(matrices, lr=peak, weight_decay=decay, momentum=0.95, adjust_lr_fn="match_rms_adamw")
        return [muon, torch.optim.AdamW(others, weight_decay=0.0, **adamw)]
    return [torch.optim.AdamW([{"params": matrices, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}], **adamw)]
