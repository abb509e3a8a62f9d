"""Logits of every bundled base model on fixed prompts, as `transformers` computes them.

Regenerate (rewrites fixtures/logits.json): python tests/reference/logits.py
With --print: full logits of the last position, to standard output, and nothing is written.
Needs: torch, transformers, tokenizers.

Per model: the SHA-256 of its weights, and per prompt its ids and the forty likeliest next tokens with their logits. Forty, because that is what the
page's dials keep unless told otherwise: from them a browser's probabilities can be worked out.
"""

import hashlib
import json
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import GPT2LMHeadModel

from small_gpt2 import FIXTURES, rounded

MODELS = Path(__file__).parents[2] / "static" / "models"
PROMPTS = [
    "Once upon a time",
    "The old man looked at the sea, and",
    "“What is it?” said Alice.\n\n",
    "春天来了，",
    "从前有一座山，山里有",
    "Café, naïve: 你好 😀",
]
LIKELIEST = 40


def last_logits(folder: Path) -> list[tuple[str, list[int], torch.Tensor]]:
    """Prompt, ids, and logits `[vocab]` after the prompt. Weights as f32, dropout as in config.json (none)."""
    model = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    found = []
    for prompt in PROMPTS:
        ids = tokenizer.encode(prompt, add_special_tokens=False).ids
        with torch.no_grad():
            found.append((prompt, ids, model(torch.tensor([ids])).logits[0, -1]))
    return found


def main() -> None:
    torch.set_num_threads(1)
    catalogue = json.loads((MODELS / "index.json").read_text())
    folders = {entry["id"]: MODELS / entry["id"] for entry in catalogue["models"]}
    if "--print" in sys.argv:
        full = {
            name: [{"prompt": prompt, "ids": ids, "logits": rounded(logits)} for prompt, ids, logits in last_logits(folder)]
            for name, folder in folders.items()
        }
        print(json.dumps(full, ensure_ascii=False))
        return
    reference = {}
    for name, folder in folders.items():
        prompts = []
        for prompt, ids, logits in last_logits(folder):
            top = logits.topk(LIKELIEST)
            prompts.append({"prompt": prompt, "ids": ids, "top_ids": top.indices.tolist(), "top_logits": rounded(top.values)})
        sha256 = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
        reference[name] = {"sha256": sha256, "prompts": prompts}
        print(name, len(prompts), "prompts")
    (FIXTURES / "logits.json").write_text(json.dumps(reference, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
