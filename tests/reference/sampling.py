"""Next-token distributions under sampling dials, as the LogitsProcessors of `transformers` make them.

Regenerate (rewrites fixtures/sampling.json): python tests/reference/sampling.py
Needs: torch, transformers.

Order as in `GenerationMixin.generate`: repetition penalty, temperature, top-k, top-p, softmax. Each case names its logits by position in
`logits`, the ids already written, the dials, and the probabilities of all tokens, in f64. Temperature 0 stands for greedy
decoding: the repetition penalty acts, then the likeliest token has probability 1.
"""

import itertools
import json

import torch
from transformers import LogitsProcessorList, RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from small_gpt2 import FIXTURES

VOCABULARY = 24


def distribution(logits: torch.Tensor, written: list[int], temperature: float, top_k: int, top_p: float, penalty: float) -> torch.Tensor:
    processors = LogitsProcessorList()
    if penalty != 1.0:
        processors.append(RepetitionPenaltyLogitsProcessor(penalty))
    if temperature > 0 and temperature != 1.0:
        processors.append(TemperatureLogitsWarper(temperature))
    if temperature > 0 and top_k > 0:
        processors.append(TopKLogitsWarper(top_k))
    if temperature > 0 and top_p < 1.0:
        processors.append(TopPLogitsWarper(top_p))
    scores = processors(torch.tensor([written], dtype=torch.long), logits[None].clone())[0]
    if temperature == 0:
        return torch.nn.functional.one_hot(scores.argmax(), VOCABULARY).double()
    return scores.softmax(-1)


def main() -> None:
    generator = torch.Generator().manual_seed(17)
    # Spread out, nearly flat, all negative, and one with two equal largest values (kept together by top-k 1).
    rows = [
        torch.randn(VOCABULARY, generator=generator, dtype=torch.float32) * 3,
        torch.randn(VOCABULARY, generator=generator, dtype=torch.float32) * 0.05,
        torch.randn(VOCABULARY, generator=generator, dtype=torch.float32) - 20,
        torch.randn(VOCABULARY, generator=generator, dtype=torch.float32),
    ]
    rows[3][5] = rows[3][11] = 4.0
    logits = [[float(f"{value:.6g}") for value in row.tolist()] for row in rows]
    written = [3, 3, 8, 5, 0, int(rows[0].argmax()), int(rows[1].argmax())]
    cases = []
    dials = itertools.product([0.0, 0.3, 1.0, 1.7], [0, 1, 5, 100], [1.0, 0.9, 0.35, 0.01], [1.0, 1.3])
    for index, (temperature, top_k, top_p, penalty) in enumerate(dials):
        if temperature == 0 and (top_k, top_p) != (0, 1.0):
            continue
        row = index % 3
        if penalty == 1.0 and top_p == 1.0:
            row = 3
        scores = torch.tensor(logits[row], dtype=torch.float32).double()
        probabilities = distribution(scores, written, temperature, top_k, top_p, penalty)
        cases.append({
            "logits": row, "temperature": temperature, "top_k": top_k, "top_p": top_p, "repetition_penalty": penalty,
            "probabilities": [float(f"{value:.10g}") for value in probabilities.tolist()],
        })  # fmt: skip
    fixture = {"logits": logits, "written": written, "cases": cases}
    (FIXTURES / "sampling.json").write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
