"""Documents to tokens: a byte-level BPE tokenizer learned on the training documents, and the token streams.

In: clean documents. Out: tokenizer.json and NumPy arrays of token ids, `<|endoftext|>` before every document (id 0 in a tokenizer learned here).
"""

from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

END = "<|endoftext|>"


def learn(documents: list[str], vocab_size: int, path: Path) -> Tokenizer:
    """GPT-2's tokenizer: bytes as the alphabet, merges learned inside words."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=vocab_size, special_tokens=[END], initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(documents, trainer)
    tokenizer.save(str(path))
    return tokenizer


def end(tokenizer: Tokenizer) -> int:
    """The token between texts."""
    index = tokenizer.token_to_id(END)
    if index is None:
        raise SystemExit(f"this tokenizer has no token {END}, which stands between texts: add it to its tokenizer.json")
    return index


def encode(tokenizer: Tokenizer, documents: list[str]) -> np.ndarray:
    """One stream of all documents."""
    between = end(tokenizer)
    parts: list[int] = []
    # A long text at once needs much memory: pieces that end where a line ends encode to the same tokens.
    for document in documents:
        parts.append(between)
        for piece in pieces(document):
            parts.extend(tokenizer.encode(piece, add_special_tokens=False).ids)
    return np.array(parts, dtype=np.uint16 if tokenizer.get_vocab_size() <= 65536 else np.int32)


def pieces(text: str, length: int = 200_000) -> list[str]:
    """Cut between a letter and the line break after it: no token spans that place, since no word contains a line break."""
    out, start = [], 0
    while len(text) - start > length:
        cut = text.find("\n", start + length)
        while 0 < cut < len(text) and (text[cut - 1].isspace() or text[cut:cut + 1] != "\n"):
            cut = text.find("\n", cut + 1)
        if cut <= 0:
            break
        out.append(text[start:cut])
        start = cut
    return out + [text[start:]]
