"""Logits of the bundled base model on fixed prompts, as `transformers` computes them.

Regenerate (rewrites fixtures/logits_nano.json): python tests/reference/logits_nano.py
Needs: torch, transformers, tokenizers.

Per prompt: its ids, the last position's first six logits (the model's card quotes those of the first prompt), and the ids of the five
likeliest next tokens with their logits.
"""

import json

import torch

from nano import load_nano
from small_gpt2 import FIXTURES, rounded

PROMPTS = [
    "Once upon a time",
    "The old man looked at the sea, and",
    "“What is it?” said Alice.\n\n",
    "Café, naïve: 你好 😀",
    " ",
]
# The card's figures, to four decimals.
CARD = [-6.5409, 3.3728, -1.7547, -14.0659, -14.0474, -14.0709]


def main() -> None:
    torch.set_num_threads(1)
    model, tokenizer = load_nano()
    model.eval()
    prompts = []
    for prompt in PROMPTS:
        ids = tokenizer.encode(prompt).ids
        with torch.no_grad():
            last = model(torch.tensor([ids])).logits[0, -1]
        top = last.topk(5)
        prompts.append({
            "prompt": prompt, "ids": ids, "first_six": rounded(last[:6]),
            "top_ids": top.indices.tolist(), "top_logits": rounded(top.values),
        })  # fmt: skip
        print(repr(prompt), ids, prompts[-1]["first_six"])
    difference = max(abs(a - b) for a, b in zip(prompts[0]["first_six"], CARD))
    if difference > 1e-4:
        raise SystemExit(f"the card's logits differ by {difference}")
    (FIXTURES / "logits_nano.json").write_text(json.dumps({"prompts": prompts}, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
