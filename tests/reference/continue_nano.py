"""Continues the bundled base model's training in PyTorch: the loss curve that the native code must follow.

Run: python tests/reference/continue_nano.py --data FOLDER --out losses.json --tokens tokens.u16 [--steps 500]
     FOLDER is `lm_en_novels`, or any folder with a `books` folder of UTF-8 .txt files; default $ATTUNE_SHARED/data/lm_en_novels.
Needs: torch, transformers, tokenizers. One thread; about a third of a second a step.

The order is fixed, so that another program can repeat it:
  text     the books in the order of their file names, read as UTF-8 (newlines as they are), joined by nothing, until there are
           enough tokens; each book is encoded alone, without special tokens
  windows  sequence j of step i starts at token (i * 8 + j) * 128; its inputs are 128 tokens, its targets the 128 after the first
  recipe   AdamW, lr 5e-4 constant, betas (0.9, 0.999), eps 1e-8, weight decay 0.01 on parameters of two dimensions and none on
           vectors, gradient norm clipped to 1.0, no dropout, f32

losses.json: settings, names of the books, sha256 of the tokens file, loss before each step (nats per token), gradient norm before clipping.
tokens.u16: all tokens used, two bytes each, little-endian. Neither is committed: they derive from the data.
"""

import argparse
import hashlib
import json
import os
import time
from pathlib import Path

import torch

from nano import load_nano

BATCH, WINDOW = 8, 128
LEARNING_RATE, BETAS, EPSILON, WEIGHT_DECAY, CLIP = 5e-4, (0.9, 0.999), 1e-8, 0.01, 1.0


def read_tokens(tokenizer, folder: Path, needed: int) -> tuple[list[int], list[str]]:
    ids, names = [], []
    for path in sorted((folder / "books").glob("*.txt"), key=lambda path: path.name):
        if len(ids) >= needed:
            break
        text = path.read_bytes().decode("utf-8")
        ids += tokenizer.encode(text, add_special_tokens=False).ids
        names.append(path.name)
    if len(ids) < needed:
        raise SystemExit(f"{folder}: {len(ids)} tokens, {needed} needed")
    return ids[:needed], names


def main() -> None:
    shared = os.environ.get("ATTUNE_SHARED")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(shared) / "data" / "lm_en_novels" if shared else None, required=not shared)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=500)
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    model, tokenizer = load_nano()
    model.train()
    ids, names = read_tokens(tokenizer, arguments.data, arguments.steps * BATCH * WINDOW + 1)
    packed = b"".join(token.to_bytes(2, "little") for token in ids)
    # Renamed into place, because another program may be waiting for the whole file.
    part = arguments.tokens.with_suffix(".part")
    part.write_bytes(packed)
    part.rename(arguments.tokens)
    tokens = torch.tensor(ids)

    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": WEIGHT_DECAY},
            {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
        ],
        lr=LEARNING_RATE, betas=BETAS, eps=EPSILON,
    )  # fmt: skip
    losses, norms, started = [], [], time.perf_counter()
    for step in range(arguments.steps):
        start = step * BATCH * WINDOW
        inputs = tokens[start : start + BATCH * WINDOW].view(BATCH, WINDOW)
        targets = tokens[start + 1 : start + 1 + BATCH * WINDOW].view(BATCH, WINDOW)
        optimizer.zero_grad()
        logits = model(inputs).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, CLIP).item())
        optimizer.step()
        losses.append(loss.item())
        if step % 50 == 0 or step + 1 == arguments.steps:
            print(f"step {step:4} loss {losses[-1]:.4f} norm {norms[-1]:.3f} {time.perf_counter() - started:.0f} s", flush=True)
    result = {
        "torch": torch.__version__,
        "steps": arguments.steps, "batch_size": BATCH, "window": WINDOW, "learning_rate": LEARNING_RATE, "betas": BETAS,
        "epsilon": EPSILON, "weight_decay": WEIGHT_DECAY, "clip_norm": CLIP, "books": names,
        "tokens_sha256": hashlib.sha256(packed).hexdigest(), "losses": losses, "norms": norms,
        "tokens_per_second": arguments.steps * BATCH * WINDOW / (time.perf_counter() - started),
    }  # fmt: skip
    arguments.out.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
