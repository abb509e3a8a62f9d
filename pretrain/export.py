"""A trained run to a Hugging Face folder: f16 weights, configuration, tokenizer, and a card with nothing but measured figures.

In: a run folder. Out: config.json, model.safetensors, tokenizer.json and README.md in another folder.
"""

import json
import shutil
from pathlib import Path

import torch

import curve
import evaluate
import network


def weights(config: dict, run: Path, folder: Path) -> dict:
    """Writes the model; returns what the checkpoint says about the run."""
    values = torch.load(run / "last.pt", map_location="cpu", weights_only=True)
    vocab_size = json.loads((run / "prepared.json").read_text())["vocab_size"]
    model = network.new_model(config["model"], vocab_size)
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


def figures(config: dict, run: Path, folder: Path, values: dict) -> dict:
    """Everything that the card says, measured on the exported files."""
    model, tokenizer = evaluate.load(folder)
    held = json.loads((run / "held_back.json").read_text())
    torch.manual_seed(config["seed"])
    blank = network.new_model(config["model"], tokenizer.get_vocab_size()).eval()
    baselines = run / "baselines.json"
    baselines = json.loads(baselines.read_text()) if baselines.exists() else {}
    result = {"parameters": model.num_parameters(), "tokens": values["tokens"], "spent": values["spent"], "held_back": {}}
    for name, documents in held.items():
        result["held_back"][name] = {
            **evaluate.bits_per_byte(model, tokenizer, documents),
            "beside": {"the same architecture untrained": evaluate.bits_per_byte(blank, tokenizer, documents)["bits_per_byte"]} | baselines.get(name, {}),
        }
    prompts = evaluate.PROMPTS.get(config.get("language", "en"), [""])
    result["samples"] = [evaluate.sample(model, tokenizer, prompt) for prompt in prompts]
    first = tokenizer.encode(prompts[-1]).ids
    logits = model(torch.tensor([first])).logits[0, -1, :6].tolist()
    result["check"] = {"prompt": prompts[-1], "ids": first, "logits": [round(value, 4) for value in logits]}
    (run / "figures.json").write_text(json.dumps(result, ensure_ascii=False, indent=1))
    return result


def table(run: Path, rows: int = 8) -> str:
    """The losses as a table: about `rows` of the steps at which held-back texts were read."""
    lines = [line for line in curve.read(run) if "held_back" in line]
    if not lines:
        return ""
    chosen = sorted({round(index * (len(lines) - 1) / max(1, rows - 1)) for index in range(rows)})
    names = list(lines[-1]["held_back"])
    out = ["| tokens | rate | training | " + " | ".join(names) + " |", "| ---: | ---: | ---: |" + " ---: |" * len(names)]
    for line in (lines[index] for index in chosen):
        held = " | ".join(f"{line['held_back'][name]:.3f}" for name in names)
        out.append(f"| {line['tokens'] / 1e6:.1f} M | {line['rate']:.2f} | {line['loss']:.3f} | {held} |")
    return "\n".join(out)


def begun(config: dict) -> str:
    """What it started from, if not from new weights."""
    start = config["train"].get("start_from")
    if not start:
        return ""
    width = json.loads((Path(start) / "config.json").read_text())["n_embd"]
    grown = f", grown from width {width} to {config['model']['n_embd']} without a change of its predictions" if width != config["model"]["n_embd"] else ""
    return f"Begun from `{Path(start).name}`{grown}; then "


def course(setting: dict) -> str:
    """How the learning rate falls, in words."""
    if setting.get("schedule", "cosine") == "cosine":
        return "falling as a cosine"
    level = 1 - setting.get("decay", 0.2) - setting.get("warmup", 0.01)
    return "level, then falling linearly to zero" if level > 0.01 else "falling linearly to zero from the start"


def card(config: dict, run: Path, folder: Path, figures: dict) -> None:
    """README.md: data and licences, training, figures, samples, faults."""
    prepared = json.loads((run / "prepared.json").read_text())
    shape, setting = config["model"], config["train"]
    about = config.get("card", {})
    epochs = figures["tokens"] / prepared["train_tokens"]
    parts = [
        f"# {config['name']}\n\n{about.get('summary', '')}",
        f"GPT-2 architecture (`GPT2LMHeadModel`), {figures['parameters']:,} parameters: {shape['n_layer']} layers, {shape['n_head']} heads, width "
        f"{shape['n_embd']}, context {shape['n_positions']}, tied head, byte-level BPE of {prepared['vocab_size']:,} (`<|endoftext|>` is token 0, between "
        f"texts). f16 weights, {(folder / 'model.safetensors').stat().st_size / 1e6:.1f} MB.",
        "## Data\n\n" + "\n".join(
            f"- {source['name']}: {counted['bytes'] / 1e6:.1f} MB"
            + (f" of {counted['documents'] - counted['held_back'] - counted['duplicates']:,} texts" if counted["documents"] > 1 else "")
            + (f", {counted['duplicates']} left out as repetitions" if counted["duplicates"] else "")
            + f". {source['licence'][0].upper() + source['licence'][1:]}."
            for source, counted in ((source, prepared["sources"][source["name"]]) for source in config["source"])
        ) + f"\n\n{prepared['train_tokens'] / 1e6:.2f} M tokens. Held back and never trained on: {about.get('held_back', ', '.join(figures['held_back']))}.",
        f"## Training\n\n{begun(config)}{figures['tokens'] / 1e6:.1f} M tokens ({epochs:.1f} passes), {figures['spent']['cpu'] / 3600:.2f} processor hours "
        f"({about.get('device', 'one CPU thread')}), {setting['batch']} windows a step, "
        + ("Muon for the blocks' matrices and AdamW for the rest" if setting.get("optimizer") == "muon" else "AdamW")
        + f", peak learning rate {setting['learning_rate']:g}, weight decay {setting.get('weight_decay', 0.1):g}, "
        + course(setting)
        + f", seed {config['seed']}. Share of the peak rate, and loss in nats per token, held-back texts by their beginning:\n\n{table(run)}",
        "## Bits per byte on held-back texts\n\nWindows of the model's context that do not overlap, every token counted once.\n\n" + "\n\n".join(
            f"| {name} | |\n| --- | ---: |\n| **this model** | **{numbers['bits_per_byte']:.3f}** |\n"
            + "\n".join(f"| {what} | {value:.3f} |" for what, value in numbers["beside"].items())
            for name, numbers in figures["held_back"].items()
        ),
        "## Samples\n\nTemperature 0.8, the 40 likeliest tokens, seed 1; the first words are given.\n\n"
        + "\n\n".join("\n".join(f"> {line}".rstrip() for line in sample.split("\n")) for sample in figures["samples"]),
        f"## Check\n\nIn `transformers`, `{figures['check']['prompt']}` encodes to {' '.join(map(str, figures['check']['ids']))} and the last position's first six "
        f"logits are {' '.join(f'{value:.4f}' for value in figures['check']['logits'])}.",
        f"## Known faults\n\n{about.get('faults', '')}",
        "## Licence\n\nAs the project: MIT or Apache 2.0, at your choice.",
    ]
    (folder / "README.md").write_text("\n\n".join(parts) + "\n")


def export(config: dict, run: Path, folder: Path) -> None:
    values = weights(config, run, folder)
    card(config, run, folder, figures(config, run, folder, values))
