"""A model's card: data and licences, training, figures, samples, faults.

In: a configuration, what export.py measured, and a run folder's prepared.json and history.jsonl. Out: the text of README.md. Parts for which a run
has nothing to say are left out.
"""

import json
from pathlib import Path

import curve
import train


def table(run: Path, rows: int = 8) -> str:
    """The losses as a table: about `rows` of the steps at which held-back texts were read."""
    lines = [line for line in curve.read(run) if "held_back" in line]
    if not lines:
        return ""
    chosen = sorted({round(index * (len(lines) - 1) / max(1, rows - 1)) for index in range(rows)})
    names = list(lines[-1]["held_back"])
    out = [row(["tokens", "rate", "training", *names]), row(["---:"] * (3 + len(names)))]
    for line in (lines[index] for index in chosen):
        losses = [f"{loss:.3f}" for loss in [line["loss"], *(line["held_back"][name] for name in names)]]
        out.append(row([f"{line['tokens'] / 1e6:.1f} M", f"{line['rate']:.2f}", *losses]))
    return "\n".join(out)


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def title(folder: Path) -> str:
    """A model's name: the first heading of its card, otherwise its folder's name."""
    readme = folder / "README.md"
    lines = readme.read_text(encoding="utf-8").split("\n") if readme.exists() else []
    return next((line[2:].strip() for line in lines if line.startswith("# ")), folder.name)


def begun(config: dict) -> str:
    """What it started from, if not from new weights."""
    if said := config.get("card", {}).get("begun"):
        return f"Begun from {said}; then "
    if not (start := config["train"].get("start_from")):
        return ""
    folder, width = Path(start), config["model"]["n_embd"]
    shape = folder / "config.json"
    old = json.loads(shape.read_text(encoding="utf-8"))["n_embd"] if shape.exists() else width
    grown = f", grown from width {old} to {width} without a change of its predictions" if old != width else ""
    return f"Begun from `{title(folder)}`{grown}; then "


def course(setting: dict) -> str:
    """How the learning rate falls, in words."""
    if setting.get("schedule", "cosine") == "cosine":
        return "falling as a cosine"
    level = 1 - setting.get("decay", 0.2) - setting.get("warmup", 0.01)
    return "level, then falling linearly to zero" if level > 0.01 else "falling linearly to zero from the start"


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'es' if what.endswith('s') else 's'}" if number > 1 else f"one {what}"


def spent(config: dict, figures: dict) -> str:
    """Hours, and on what."""
    hours = {name: seconds / 3600 for name, seconds in figures["spent"].items()}
    on = []
    if ran := figures.get("ran"):
        each = f" of {counted(ran['threads'], 'thread')}" if ran["device"] == "cpu" else ""
        on.append(f"{'CPU' if ran['device'] == 'cpu' else 'GPU'}, {counted(ran['processes'], 'process')}{each}")
    if device := config.get("card", {}).get("device"):
        on.append(device)
    return f"{hours['wall']:.2f} hours, {hours['cpu']:.2f} processor hours" + (f" ({'; '.join(on)})" if on else "")


def windows(config: dict, figures: dict) -> str:
    """A sentence, if windows were shorter than the context at first."""
    short, length = config["train"].get("window", 0), config["model"]["n_positions"]
    if short in (0, length) or not figures.get("steps"):
        return ""
    longer = int(train.short_share(config["train"]) * figures["steps"])
    if longer >= figures["step"]:
        return f" Windows had {short} tokens."
    return f" Windows had {short} tokens until {figures['tokens'] * longer / figures['step'] / 1e6:.1f} M tokens, {length} from there."


def data(config: dict, prepared: dict, figures: dict) -> str:
    """What was read, and what was not."""
    lines = []
    for source in config["source"]:
        counts = prepared["sources"][source["name"]]
        texts, left_out = counts["documents"] - counts["held_back"] - counts["duplicates"], counts["duplicates"]
        lines.append(
            f"- {source['name']}: {counts['bytes'] / 1e6:.1f} MB"
            + (f" of {texts:,} texts" if counts["documents"] > 1 else "")
            + (f", {left_out} left out as repetitions" if left_out else "")
            + f". {source['licence'][0].upper() + source['licence'][1:]}."
        )
    held = config.get("card", {}).get("held_back", ", ".join(figures["held_back"])) if figures["held_back"] else ""
    return "\n".join(lines) + f"\n\n{prepared['train_tokens'] / 1e6:.2f} M tokens." + (f" Held back and never trained on: {held}." if held else "")


def card(config: dict, run: Path, folder: Path, figures: dict) -> str:
    """The text of README.md."""
    prepared = json.loads((run / "prepared.json").read_text(encoding="utf-8"))
    shape, setting = config["model"], config["train"]
    about = config.get("card", {})
    epochs = figures["tokens"] / prepared["train_tokens"]
    losses = "loss in nats per token" + (", held-back texts by their beginning" if figures["held_back"] else "")
    parts = [
        f"# {config['name']}",
        about.get("summary", ""),
        f"GPT-2 architecture (`GPT2LMHeadModel`), {figures['parameters']:,} parameters: {shape['n_layer']} layers, {shape['n_head']} heads, width "
        f"{shape['n_embd']}, context {shape['n_positions']}, tied head, {prepared.get('tokenizer', 'byte-level BPE')} of {prepared['vocab_size']:,} "
        f"(`<|endoftext|>` is token {prepared.get('end_of_text', 0)}, between texts). f16 weights, {(folder / 'model.safetensors').stat().st_size / 1e6:.1f} MB.",
        "## Data\n\n" + data(config, prepared, figures),
        f"## Training\n\n{begun(config)}{figures['tokens'] / 1e6:.1f} M tokens ({epochs:.1f} passes), {spent(config, figures)}, {setting['batch']} windows a step, "
        + ("Muon for the blocks' matrices and AdamW for the rest" if setting.get("optimizer") == "muon" else "AdamW")
        + f", peak learning rate {setting['learning_rate']:g}, weight decay {setting.get('weight_decay', 0.1):g}, "
        + (f"dropout {shape['dropout']:g}, " if shape.get("dropout") else "")
        + f"{course(setting)}, seed {config['seed']}.{windows(config, figures)} Share of the peak rate, and {losses}:\n\n{table(run)}",
    ]
    if figures["held_back"]:
        parts.append("## Bits per byte on held-back texts\n\nWindows of the model's context that do not overlap, every token counted once.")
    for name, numbers in figures["held_back"].items():
        rows = [[name, ""], ["---", "---:"], ["**this model**", f"**{numbers['bits_per_byte']:.3f}**"]]
        parts.append("\n".join(map(row, rows + [[what, f"{value:.3f}"] for what, value in numbers["beside"].items()])).replace("|  |", "| |"))
    check = figures["check"]
    parts += [
        "## Samples\n\nTemperature 0.8, the 40 likeliest tokens, seed 1; the first words are given.",
        *("\n".join(f"> {line}".rstrip() for line in sample.split("\n")) for sample in figures["samples"]),
        f"## Check\n\nIn `transformers`, `{check['prompt']}` encodes to {' '.join(map(str, check['ids']))} and the last position's first six "
        f"logits are {' '.join(f'{value:.4f}' for value in check['logits'])}.",
        f"## Known faults\n\n{about['faults']}" if about.get("faults") else "",
        f"## Licence\n\n{about.get('licence', 'As the project: MIT or Apache 2.0, at your choice.')}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
