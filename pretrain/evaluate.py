"""How well a model folder predicts texts it has not seen, in bits per byte, and what it writes.

In: a Hugging Face folder (config.json, tokenizer.json, model.safetensors) and documents. Out: numbers and samples. Works for any GPT-2 folder:
`python evaluate.py FOLDER TEXT...`.

Method: `<|endoftext|>`, then the document's tokens, one document after another, cut into windows of the model's context that do not
overlap; every token but the first of all is predicted once, from what stands before it in its window. Bits per byte are the sum of the losses over
the bytes of the documents; the few tokens after the last whole window count in neither.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import GPT2LMHeadModel

import network
import tokenise
import windows

PROMPTS = {"en": ["The old man looked at the sea, and", "\"I never saw it,\" said", "Once upon a time"], "zh": ["话说", "春", "明月"]}


def load(folder: Path) -> tuple[GPT2LMHeadModel, Tokenizer]:
    """Weights as f32."""
    model = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32).eval()
    return model, Tokenizer.from_file(str(folder / "tokenizer.json"))


def lengths(tokenizer: Tokenizer) -> np.ndarray:
    """Bytes of text that each token stands for: in byte-level BPE every character of a token's name is one byte."""
    sizes = np.zeros(tokenizer.get_vocab_size(), dtype=np.int64)
    for name, index in tokenizer.get_vocab().items():
        sizes[index] = 0 if name == tokenise.END else len(name)
    return sizes


def bits_per_byte(model: GPT2LMHeadModel, tokenizer: Tokenizer, documents: list[str], limit: int | None = None) -> dict:
    """Over the first `limit` tokens, or all."""
    stream = tokenise.encode(tokenizer, documents)[:limit]
    length = model.config.n_positions
    whole = (len(stream) - 1) // length * length
    loss = windows.mean_loss(network.WithLoss(model), stream, length, model.device)
    size = int(lengths(tokenizer)[stream[1 : whole + 1].astype(np.int64)].sum())
    return {"bits_per_byte": round(loss * whole / math.log(2) / size, 4), "nats_per_token": round(loss, 4), "tokens": whole, "bytes": size}


def sample(model: GPT2LMHeadModel, tokenizer: Tokenizer, prompt: str, tokens: int = 80, seed: int = 1) -> str:
    """Temperature 0.8, the 40 likeliest."""
    torch.manual_seed(seed)
    ids = torch.tensor([[0] + tokenizer.encode(prompt).ids], device=model.device)
    room = model.config.n_positions - ids.shape[1]
    settings = {"do_sample": True, "temperature": 0.8, "top_k": 40, "max_new_tokens": min(tokens, room), "pad_token_id": 0}
    return tokenizer.decode(model.generate(ids, attention_mask=torch.ones_like(ids), **settings)[0].tolist())


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("texts", type=Path, nargs="+")
    given = arguments.parse_args()
    model, tokenizer = load(given.folder)
    for path in given.texts:
        held = json.loads(path.read_text()) if path.suffix == ".json" else {path.name: [path.read_text()]}
        for name, documents in held.items():
            print(json.dumps({"text": name, **bits_per_byte(model, tokenizer, documents)}, ensure_ascii=False))


if __name__ == "__main__":
    main()
