"""What a model must beat on the held-back texts: `xz -9`, a 5-gram model with Kneser-Ney smoothing, the same architecture untrained.

`python baselines.py RUN` reads a prepared run folder and writes baselines.json into it. The n-gram model sees the same training tokens, in
the same tokenizer, as the neural one, and its whole history of four tokens at every place (no windows).

Modified Kneser-Ney, interpolated (Chen and Goodman 1999, section 3): three discounts per order from the counts of counts, lower orders
from the number of different left neighbours, a uniform distribution below the single tokens.
"""

import argparse
import json
import lzma
import math
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

import evaluate
import tokenise

ORDER = 5


class KneserNey:
    """Tables of all n-grams of a stream, up to ORDER tokens. An n-gram's key is (index of its first n-1 tokens) * vocabulary + last token; its
    index is the key's place among the sorted keys of its order."""

    def __init__(self, stream: np.ndarray, vocabulary: int):
        self.vocabulary = vocabulary
        stream = stream.astype(np.int64)
        self.keys, representatives, at = [], [], np.zeros(len(stream), dtype=np.int64)
        indices: list[np.ndarray] = []
        counts = None
        for order in range(1, ORDER + 1):
            # at[i]: index of the (order - 1)-gram that starts at i.
            starts = len(stream) - order + 1
            keys = at[:starts] * vocabulary + stream[order - 1 :]
            unique, first, at, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
            self.keys.append(unique)
            representatives.append(first)
            indices.append(at)
        # How often each n-gram was seen at the highest order; below, how many different tokens stand before it.
        adjusted = [None] * ORDER
        adjusted[ORDER - 1] = counts
        for order in range(ORDER - 1, 0, -1):
            suffix = indices[order - 1][representatives[order] + 1]
            adjusted[order - 1] = np.bincount(suffix, minlength=len(self.keys[order - 1]))
        self.terms = [self._terms(order, adjusted[order - 1]) for order in range(1, ORDER + 1)]

    def _terms(self, order: int, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of each n-gram its discounted probability, of each context the weight that goes to the next lower order."""
        of = [int((counts == n).sum()) for n in range(1, 5)]
        discounts = np.array([0.0, 0.5, 1.0, 1.5])
        # With too few counts for the formula, as for the few single tokens, the usual fall-back above.
        if all(of[:3]):
            y = of[0] / (of[0] + 2 * of[1])
            discounts[1:] = [max(0.0, n - (n + 1) * y * of[n] / of[n - 1]) for n in (1, 2, 3)]
        taken = discounts[np.minimum(counts, 3)]
        context = self.keys[order - 1] // self.vocabulary
        contexts = 1 if order == 1 else len(self.keys[order - 2])
        total = np.maximum(np.bincount(context, weights=counts, minlength=contexts), 1e-300)
        weight = np.bincount(context, weights=taken, minlength=contexts) / total
        # A context never followed by anything, at the very end of the stream, passes everything on.
        weight[total < 0.5] = 1.0
        return (counts - taken) / total[context], weight

    def probabilities(self, stream: np.ndarray) -> np.ndarray:
        """Of every token, given the four before it (fewer at the start)."""
        stream = stream.astype(np.int64)
        probability = np.full(len(stream), 1.0 / self.vocabulary)
        # context[i]: index of the (order - 1)-gram that ends before i, or -1.
        context = np.zeros(len(stream), dtype=np.int64)
        for order in range(1, ORDER + 1):
            own, weight = self.terms[order - 1]
            known = context >= 0
            probability[known] *= weight[context[known]]
            keys = np.where(known, context, 0) * self.vocabulary + stream
            place = np.minimum(np.searchsorted(self.keys[order - 1], keys), len(self.keys[order - 1]) - 1)
            found = known & (self.keys[order - 1][place] == keys)
            probability[found] += own[place[found]]
            # The n-gram that ends at i is the context, one order higher, of the token at i + 1.
            context = np.concatenate([[-1], np.where(found, place, -1)[:-1]])
        return probability


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("run", type=Path)
    run = arguments.parse_args().run
    tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
    grams = KneserNey(np.load(run / "train.npy"), tokenizer.get_vocab_size())
    results = {}
    for name, documents in json.loads((run / "held_back.json").read_text(encoding="utf-8")).items():
        plain = "\n".join(documents).encode()
        stream = tokenise.encode(tokenizer, documents)
        bits = -np.log2(grams.probabilities(stream)[1:]).sum()
        size = evaluate.size(documents)
        results[name] = {
            "xz -9": round(8 * len(lzma.compress(plain, preset=9)) / len(plain), 4),
            "5-gram, modified Kneser-Ney": round(bits / size, 4),
            "every token equally likely": round((len(stream) - 1) * math.log2(tokenizer.get_vocab_size()) / size, 4),
        }
    (run / "baselines.json").write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")
    print(json.dumps(results, ensure_ascii=False))


if __name__ == "__main__":
    main()
