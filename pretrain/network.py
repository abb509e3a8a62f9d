"""The model that is trained: GPT-2 of `transformers`, with its loss, and with the pieces whose compiled code was slow replaced by the same arithmetic
in other words. Weights have the names and shapes of GPT-2's.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F
from transformers import GPT2Config, GPT2LMHeadModel


def new_model(model: dict, vocab_size: int, end: int = 0) -> GPT2LMHeadModel:
    """GPT-2 of the configured shape; `end` is the token between texts. Residual projections start smaller, as GPT-2's do, by the number of residual additions."""
    shape = {key: model[key] for key in ("n_layer", "n_head", "n_embd", "n_positions")}
    config = GPT2Config(
        vocab_size=vocab_size, bos_token_id=end, eos_token_id=end, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, use_cache=False, **shape
    )
    config._attn_implementation = attention()
    return GPT2LMHeadModel(config)


def attention() -> str:
    """Explicit attention compiles to faster code on a CPU at these sizes than the fused kernel."""
    return "sdpa" if torch.cuda.is_available() else "eager"


class Gelu(nn.Module):
    """GPT-2's GELU (`gelu_new`): x/2 (1 + tanh u) is x sigmoid(2u), and compiled code is quicker with a sigmoid than with a tanh (README.md)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(math.sqrt(8 / math.pi) * (x + 0.044715 * x * x * x))


class Dropout(nn.Module):
    """Dropout (Srivastava et al. 2014) whose random bytes are drawn before the step: on a CPU compiled code takes longer to draw them than to multiply."""

    def __init__(self, share: float):
        super().__init__()
        self.dropped = round(256 * share)
        self.bytes: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.bytes is None:
            return x
        return torch.where(self.bytes.view_as(x) >= self.dropped, x * (256 / (256 - self.dropped)), 0.0)


class WithLoss(nn.Module):
    """Mean loss over all positions of a batch of windows, in one call that can be compiled and distributed."""

    def __init__(self, model: GPT2LMHeadModel, dropout: float = 0.0):
        super().__init__()
        self.model = model
        self.dropouts: list[Dropout] = []
        if dropout:
            # Where GPT-2 has it, less the attention weights: after the embeddings, and on what each half of a block adds.
            self.dropouts = [Dropout(dropout) for _ in range(1 + 2 * len(model.transformer.h))]
            model.transformer.drop = self.dropouts[0]
            for index, block in enumerate(model.transformer.h):
                block.attn.resid_dropout, block.mlp.dropout = self.dropouts[2 * index + 1 : 2 * index + 3]
        if model.config.activation_function == "gelu_new":
            for block in model.transformer.h:
                block.mlp.act = Gelu()

    def forward(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        hidden = self.model.transformer(input_ids=inputs).last_hidden_state
        logits = self.model.lm_head(hidden)
        return F.cross_entropy(logits.view(-1, logits.shape[-1]).float(), targets.reshape(-1).long())

    def draw(self, positions: int, generator: torch.Generator) -> None:
        """New random bytes for a forward pass over so many positions (windows times their length)."""
        size = positions * self.model.config.n_embd
        for place in self.dropouts:
            if place.bytes is None or place.bytes.numel() != size:
                place.bytes = torch.empty(size, dtype=torch.uint8, device=generator.device)
            # Eight bytes at once, all 64 bits of them.
            place.bytes.view(torch.int64).random_(-(2**63), None, generator=generator)
