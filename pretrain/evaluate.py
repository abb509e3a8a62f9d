"""How well a model folder predicts texts it has not seen, in bits per byte, and what it writes.

In: a Hugging Face folder (config.json, tokenizer.json, model.safetensors) and documents. Out: numbers and samples. Works for any GPT-2 folder:
`python evaluate.py FOLDER TEXT...`.

Method: `<|endoftext|>`, then the document's tokens, one document after another, cut into windows of the model's context that do not
overlap, the last one shorter than the others; every token but the first of all is predicted once, from what stands before it in its window. Bits per
byte are the sum of the losses over the bytes of the documents.
"""

import argparse
import json
import math
from pathlib import Path

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


def size(documents: list[str]) -> int:
    """Bytes of the documents, whatever the tokenizer makes of them."""
    return sum(len(document.encode()) for document in documents)


def bits_per_byte(model: GPT2LMHeadModel, tokenizer: Tokenizer, documents: list[str]) -> dict:
    stream = tokenise.encode(tokenizer, documents)
    loss = windows.mean_loss(network.WithLoss(model), stream, model.config.n_positions, model.device)
    count, length = len(stream) - 1, size(documents)
    return {"bits_per_byte": round(loss * count / math.log(2) / length, 4), "nats_per_token": round(loss, 4), "tokens": count, "bytes": length}


def sample(model: GPT2LMHeadModel, tokenizer: Tokenizer, prompt: str, tokens: int = 80, seed: int = 1) -> str:
    """Temperature 0.8, the 40 likeliest."""
    torch.manual_seed(seed)
    end = tokenise.end(tokenizer)
    ids = torch.tensor([[end] + tokenizer.encode(prompt, add_special_tokens=False).ids], device=model.device)
    room = model.config.n_positions - ids.shape[1]
    settings = {"do_sample": True, "temperature": 0.8, "top_k": 40, "max_new_tokens": min(tokens, room), "pad_token_id": end}
    return tokenizer.decode(model.generate(ids, attention_mask=torch.ones_like(ids), **settings)[0].tolist())


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("texts", type=Path, nargs="+")
    given = arguments.parse_args()
    model, tokenizer = load(given.folder)
    for path in given.texts:
        held = json.loads(path.read_text(encoding="utf-8")) if path.suffix == ".json" else {path.name: [path.read_text(encoding="utf-8")]}
        for name, documents in held.items():
            print(json.dumps({"text": name, **bits_per_byte(model, tokenizer, documents)}, ensure_ascii=False))


if __name__ == "__main__":
    main()
