"""Fine-tunes the bundled base on a labelled set in PyTorch with the page's recipe: what `examples/bench_labels` must come near.

    cargo run --features engine --example bench_labels SET dump=examples.jsonl
    python tests/reference/labels_parity.py examples.jsonl [--rate 1e-3 …]
Needs: torch, transformers, tokenizers, scikit-learn.

The file has every example with its part, so both sides train, choose and test on the same rows. Same model, head, windows, pooling, loss, AdamW,
clipping, schedule, dropout, choice of the best epoch; the order of the rows, the first head and what dropout drops come from another generator,
which is why several seeds are compared and not losses. Prints a line per seed as the example does.
"""

import argparse
import json
import time
from pathlib import Path

import torch
from sklearn.metrics import accuracy_score, f1_score
from tokenizers import Tokenizer
from transformers import GPT2Model

from nano import FOLDER

MOST_WINDOWS = 16
FLOOR = 0.1


def windows(ids: list[int], window: int) -> list[list[int]]:
    """Overlapping by a quarter, the last one ending where the text ends."""
    if len(ids) <= window:
        return [ids]
    stride, found = window - window // 4, []
    for start in range(0, MOST_WINDOWS * stride, stride):
        if start + window >= len(ids):
            found.append(ids[-window:])
            break
        found.append(ids[start : start + window])
    return found


class Classifier(torch.nn.Module):
    def __init__(self, classes: int, settings) -> None:
        super().__init__()
        drop = settings.dropout
        self.body = GPT2Model.from_pretrained(FOLDER, dtype=torch.float32, resid_pdrop=drop, attn_pdrop=drop, embd_pdrop=drop)
        self.score = torch.nn.Linear(self.body.config.n_embd, classes, bias=False)
        torch.nn.init.normal_(self.score.weight, std=0.02)
        self.mean, self.window = settings.pooling == "mean", settings.window

    def forward(self, texts: list[list[int]]) -> torch.Tensor:
        rows, owners = [], []
        for number, ids in enumerate(texts):
            for window in windows(ids, self.window):
                rows.append(window)
                owners.append(number)
        lengths = torch.tensor([len(row) for row in rows])
        longest = int(lengths.max())
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
        states = self.body(ids).last_hidden_state  # Causality keeps tokens from seeing the padding on their right.
        if self.mean:
            within = (torch.arange(longest)[None] < lengths[:, None]).float()
            pooled = (states * within[..., None]).sum(1) / lengths[:, None]
        else:
            pooled = states[torch.arange(len(rows)), lengths - 1]
        owners = torch.tensor(owners)
        counts = torch.bincount(owners, minlength=len(texts)).float()
        vectors = torch.zeros(len(texts), pooled.shape[1]).index_add(0, owners, pooled) / counts[:, None]
        return self.score(vectors)


def groups(model: Classifier, settings) -> list[dict]:
    layers, found = model.body.config.n_layer, {}
    for name, parameter in model.named_parameters():
        if settings.trained == "head" and not name.startswith("score."):
            parameter.requires_grad_(False)
            continue
        depth = 0
        if name.startswith("body.h."):
            depth = layers - int(name.split(".")[2])
        elif name.startswith(("body.wte", "body.wpe")):
            depth = layers + 1
        found.setdefault((settings.decay**depth, parameter.ndim >= 2), []).append(parameter)
    decay = settings.weight_decay
    return [{"params": list_, "scale": scale, "weight_decay": decay if matrix else 0.0} for (scale, matrix), list_ in found.items()]


@torch.no_grad()
def predict(model: Classifier, ids: list[list[int]]) -> list[int]:
    model.eval()
    order = sorted(range(len(ids)), key=lambda number: len(ids[number]))
    predicted = [0] * len(ids)
    for start in range(0, len(order), 64):
        chosen = order[start : start + 64]
        for number, logits in zip(chosen, model([ids[number] for number in chosen])):
            predicted[number] = int(logits.argmax())
    return predicted


def run(parts: dict, classes: int, seed: int, settings) -> None:
    torch.manual_seed(seed)
    began = time.time()
    model = Classifier(classes, settings)
    optimizer = torch.optim.AdamW(groups(model, settings), lr=settings.rate, betas=(0.9, 0.999), eps=1e-8)
    ids, labels = parts["training"]
    labels = torch.tensor(labels)
    steps = -(-len(ids) // settings.batch) * settings.epochs
    warmup = int(settings.warmup * steps + 0.5)
    best, best_epoch, without, step = (-1.0, None), 0, 0, 0
    epoch = 0
    for epoch in range(1, settings.epochs + 1):
        model.train()
        order = torch.randperm(len(ids)).tolist()
        for start in range(0, len(order), settings.batch):
            batch = order[start : start + settings.batch]
            rate = settings.rate * (step + 1) / warmup if step < warmup else settings.rate * (
                1 - (1 - FLOOR) * (step - warmup) / max(steps - warmup - 1, 1)
            )
            for group in optimizer.param_groups:
                group["lr"] = rate * group["scale"]
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model([ids[number] for number in batch]), labels[batch])
            loss.backward()
            torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
            optimizer.step()
            step += 1
        truth, predicted = parts["validation"][1], predict(model, parts["validation"][0])
        figure = f1_score(truth, predicted, average="macro", zero_division=0)
        print(f"epoch {epoch}: validation accuracy {accuracy_score(truth, predicted):.4f}, macro F1 {figure:.4f}, {time.time() - began:.0f} s", flush=True)
        if figure > best[0]:
            best, best_epoch, without = (figure, {name: value.clone() for name, value in model.state_dict().items()}), epoch, 0
        else:
            without += 1
            if settings.patience and without >= settings.patience:
                break
    model.load_state_dict(best[1])
    part = "test" if parts["test"][0] else "validation"
    truth, predicted = parts[part][1], predict(model, parts[part][0])
    accuracy, f1 = accuracy_score(truth, predicted), f1_score(truth, predicted, average="macro", zero_division=0)
    print(
        f"PYTORCH {settings.examples.stem} seed={seed} {part} rows={len(ids)}/{len(truth)} epochs={best_epoch}/{epoch} "
        f"accuracy={accuracy:.4f} macro_f1={f1:.4f} seconds={time.time() - began:.0f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("examples", type=Path)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--trained", choices=["all", "head"], default="all")
    parser.add_argument("--pooling", choices=["mean", "last"], default="last")
    # As `LabelConfig::new` has them.
    defaults = {"rate": 5e-4, "decay": 1.0, "warmup": 0.1, "dropout": 0.1, "weight_decay": 0.01}
    for name, value in defaults.items():
        parser.add_argument(f"--{name}", type=float, default=value)
    for name, value in {"epochs": 4, "batch": 16, "window": 128, "patience": 2}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    settings = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    parts: dict = {part: ([], []) for part in ("training", "validation", "test")}
    for line in settings.examples.read_text().splitlines():
        example = json.loads(line)
        ids, labels = parts[example["part"]]
        ids.append(tokenizer.encode(example["text"], add_special_tokens=False).ids)
        labels.append(example["class"])
    classes = 1 + max(max(labels, default=0) for _, labels in parts.values())
    for seed in map(int, settings.seeds.split(",")):
        run(parts, classes, seed, settings)


if __name__ == "__main__":
    main()
