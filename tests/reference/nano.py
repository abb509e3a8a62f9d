"""The bundled base model and its tokenizer, for the scripts beside this file. Not run by itself."""

from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import GPT2LMHeadModel

FOLDER = Path(__file__).parents[2] / "static" / "models" / "attune-en-nano"


def load_nano() -> tuple[GPT2LMHeadModel, Tokenizer]:
    """Weights as f32, dropout as in config.json (none)."""
    model = GPT2LMHeadModel.from_pretrained(FOLDER, dtype=torch.float32)
    return model, Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
