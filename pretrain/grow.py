"""A larger model that begins where a smaller one ended: twice as wide, deeper, with a longer context, and the same predictions.

In: a GPT-2 model. Out: a GPT-2 model of another shape that gives the same logits (up to rounding). Every feature is doubled, and what reads a pair of
doubles shares the old weight between them unevenly, by seed and with shares of its own, so that no two units learn the same (Net2Net, Chen et al. 2016, arXiv 1511.05641;
for Transformers bert2BERT, Chen et al. 2022, arXiv 2110.07143). New blocks add nothing at first (their output projections are zero), and new positions
begin as copies of the old ones.
"""

from pathlib import Path

import torch
from torch import nn
from transformers import GPT2LMHeadModel


# What the checkpoint's names and shapes do not show, and what would change its predictions unnoticed.
KIND = ("activation_function", "layer_norm_epsilon", "scale_attn_weights", "scale_attn_by_inverse_layer_idx", "tie_word_embeddings")


def begin(model: GPT2LMHeadModel, folder: Path, seed: int) -> None:
    """Fills a new model from a model folder: one of the same shape is continued, a smaller one grown."""
    if not folder.is_dir():
        raise SystemExit(f"start_from: there is no model folder {folder}")
    trained = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32)
    old, new = trained.config, model.config
    for key in ("vocab_size", *KIND):
        if getattr(old, key) != getattr(new, key):
            raise SystemExit(f"start_from: {folder} has {key} = {getattr(old, key)}, this model {getattr(new, key)}")
    if all(getattr(old, key) == getattr(new, key) for key in ("n_layer", "n_head", "n_embd", "n_positions")):
        model.load_state_dict(trained.state_dict())
    else:
        grow(trained, model, seed)


class Shares:
    """How two doubles share a weight: a draw for each, adding up to one."""

    def __init__(self, seed: int):
        self.generator = torch.Generator().manual_seed(seed)

    def rows(self, weight: torch.Tensor, dim: int = 0) -> torch.Tensor:
        """`[in, out]` to `[2 in, out]`: inputs (along `dim`) are doubled, each output keeps its value, and has shares of its own."""
        first = torch.rand(weight.shape, generator=self.generator)
        return torch.cat([weight * first, weight * (1 - first)], dim=dim)


def twice(values: torch.Tensor) -> torch.Tensor:
    """The last dimension doubled: two copies side by side."""
    return torch.cat([values, values], dim=-1)


def within_heads(one: torch.Tensor, other: torch.Tensor, heads: int) -> torch.Tensor:
    """Two copies of queries, keys or values, side by side within each head."""
    return torch.cat([one.unflatten(-1, (heads, -1)), other.unflatten(-1, (heads, -1))], dim=-1).flatten(-2)


def grow(small: GPT2LMHeadModel, large: GPT2LMHeadModel, seed: int) -> None:
    """Fills `large`, which must be twice as wide as `small` with as many heads, at least as deep, and with as many positions or a multiple of them."""
    old, new = small.config, large.config
    if (new.n_embd, new.n_head, new.vocab_size) != (2 * old.n_embd, old.n_head, old.vocab_size) or new.n_layer < old.n_layer or new.n_positions % old.n_positions:
        raise ValueError(f"a model of width {old.n_embd} cannot grow into this one of width {new.n_embd}")
    shares = Shares(seed)
    with torch.no_grad():
        body, source = large.transformer, small.transformer
        body.wte.weight.copy_(twice(source.wte.weight))
        body.wpe.weight.copy_(twice(source.wpe.weight).repeat(new.n_positions // old.n_positions, 1))
        # The head reads the doubled embeddings: its two inputs share what the last norm gives.
        last = torch.rand(old.n_embd, generator=shares.generator)
        for theirs, ours in zip(source.ln_f.parameters(), body.ln_f.parameters()):
            ours.copy_(torch.cat([theirs * last, theirs * (1 - last)]))
        # New blocks stand evenly between the old ones.
        places = [round(index * (new.n_layer - 1) / max(1, old.n_layer - 1)) for index in range(old.n_layer)]
        for at, block in enumerate(body.h):
            if at in places:
                fill(source.h[places.index(at)], block, old.n_head, shares)
            else:
                for projection in (block.attn.c_proj, block.mlp.c_proj):
                    projection.weight.zero_()
                    projection.bias.zero_()


def fill(old: nn.Module, new: nn.Module, heads: int, shares: Shares) -> None:
    """One block. Queries are scaled for the wider heads: their products have twice the terms, and are divided by a root of two more."""
    for name in ("ln_1", "ln_2"):
        for theirs, ours in zip(getattr(old, name).parameters(), getattr(new, name).parameters()):
            ours.copy_(twice(theirs))
    one, other = (shares.rows(old.attn.c_attn.weight).chunk(3, dim=-1) for _ in range(2))
    bias = old.attn.c_attn.bias.chunk(3, dim=-1)
    for part, scale in enumerate((0.5**0.5, 1.0, 1.0)):
        columns = slice(part * new.attn.embed_dim, (part + 1) * new.attn.embed_dim)
        new.attn.c_attn.weight[:, columns] = scale * within_heads(one[part], other[part], heads)
        new.attn.c_attn.bias[columns] = scale * within_heads(bias[part], bias[part], heads)
    # Within each head the two copies of a value share the old row.
    out = old.attn.c_proj.weight.unflatten(0, (heads, -1))
    new.attn.c_proj.weight.copy_(twice(shares.rows(out, dim=1).flatten(0, 1)))
    new.attn.c_proj.bias.copy_(twice(old.attn.c_proj.bias))
    hidden = old.mlp.c_fc.weight
    new.mlp.c_fc.weight.copy_(torch.cat([shares.rows(hidden), shares.rows(hidden)], dim=-1))
    new.mlp.c_fc.bias.copy_(twice(old.mlp.c_fc.bias))
    new.mlp.c_proj.weight.copy_(twice(shares.rows(old.mlp.c_proj.weight)))
    new.mlp.c_proj.bias.copy_(twice(old.mlp.c_proj.bias))
