"""A trained run to a Hugging Face folder: f16 weights, configuration, tokenizer, and a card with nothing but measured figures.

In: a run folder. Out: config.json, model.safetensors, tokenizer.json and README.md in another folder.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

import card
import evaluate
import network


def load(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def weights(config: dict, run: Path, folder: Path) -> dict:
    """Writes the model; returns the checkpoint."""
    if not (run / "last.pt").exists():
        raise SystemExit(f"there is no trained model in {run}: the stage `train` comes first")
    values = torch.load(run / "last.pt", map_location="cpu", weights_only=True)
    prepared = load(run / "prepared.json")
    model = network.new_model(config["model"], prepared["vocab_size"], prepared.get("end_of_text", 0))
    model.load_state_dict(values["model"])
    folder.mkdir(parents=True, exist_ok=True)
    model.config.use_cache = True
    model.half().save_pretrained(folder)
    # Readable for everyone, as the other files are.
    (folder / "model.safetensors").chmod(0o644)
    # Names of this machine's set-up and of generation are no part of the model.
    (folder / "generation_config.json").unlink(missing_ok=True)
    shutil.copyfile(run / "tokenizer.json", folder / "tokenizer.json")
    return values


def opening(text: str) -> str:
    """The first words of a text's first line, or its first letters where no spaces are between words."""
    start = text.strip().split("\n")[0][:24]
    return start.rsplit(None, 1)[0] if len(start.split()) > 1 else start[:8]


def prompts(config: dict, run: Path, tokenizer: Tokenizer) -> list[str]:
    """What samples begin with: set phrases of a language, otherwise how held-back texts begin, or the training text."""
    if set_phrases := evaluate.PROMPTS.get(config.get("language")):
        return set_phrases
    held = [document for documents in load(run / "held_back.json").values() for document in documents]
    trained = tokenizer.decode(np.load(run / "train.npy", mmap_mode="r")[:64].tolist())
    return [opening(text) for text in [*held, trained] if text.strip()][:3]


def figures(config: dict, run: Path, folder: Path, values: dict) -> dict:
    """Everything that the card says, measured on the exported files."""
    model, tokenizer = evaluate.load(folder)
    torch.manual_seed(config["seed"])
    blank = network.new_model(config["model"], model.config.vocab_size).eval()
    baselines = load(run / "baselines.json") if (run / "baselines.json").exists() else {}
    ran = {name: values.get(name) for name in ("step", "steps", "tokens", "spent", "ran")}
    result = {"parameters": model.num_parameters(), **ran, "held_back": {}}
    for name, documents in load(run / "held_back.json").items():
        result["held_back"][name] = {
            **evaluate.bits_per_byte(model, tokenizer, documents),
            "beside": {"the same architecture untrained": evaluate.bits_per_byte(blank, tokenizer, documents)["bits_per_byte"]} | baselines.get(name, {}),
        }
    given = prompts(config, run, tokenizer)
    result["samples"] = [evaluate.sample(model, tokenizer, prompt) for prompt in given]
    first = tokenizer.encode(given[-1], add_special_tokens=False).ids
    logits = model(torch.tensor([first])).logits[0, -1, :6].tolist()
    result["check"] = {"prompt": given[-1], "ids": first, "logits": [round(value, 4) for value in logits]}
    (run / "figures.json").write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    return result


def export(config: dict, run: Path, folder: Path) -> None:
    values = weights(config, run, folder)
    measured = figures(config, run, folder, values)
    (folder / "README.md").write_text(card.card(config, run, folder, measured), encoding="utf-8")
