"""Fine-tunes a bundled base on a labelled set in PyTorch as the page does: what `examples/bench_labels` must come near.

    cargo run --features engine --example bench_labels SET [NAME=VALUE …] > attune.log
    cargo run --features engine --example bench_labels SET [NAME=VALUE …] seeds=1,2,3 dump=examples.jsonl
    python tests/reference/labels_parity.py examples.jsonl [--seeds 1,2] [--beside attune.log]
Needs: torch, transformers, tokenizers, scikit-learn; seqeval for tags, sacrebleu for answers.

The file has every setting, every example with its part and tokens, and for each seed the head's first weights, the order of the rows in every epoch, and
where the parts of long texts begin that it reads. So
both sides train, choose and test on the same rows in the same order from the same weights; without dropout only rounding differs. Model, windows, pooling,
loss, AdamW, clipping, schedule and the choice of the best epoch are written here anew, as is the reading of whole texts. Prints a line per seed as the
example does, and with `--beside` its difference from the example's.
"""

import argparse
import json
import math
import re
import time
from pathlib import Path

import torch
from sklearn.metrics import accuracy_score, f1_score
from tokenizers import Tokenizer
from transformers import GPT2LMHeadModel

MOST_WINDOWS = 16
FLOOR = 0.1
TASKS = {"classify": "classes", "classify_pair": "classes", "tag_tokens": "tags", "text_to_text": "answers"}


def windows(length: int, window: int) -> list[range]:
    """Overlapping by a quarter, the last one ending where the text ends."""
    starts = list(range(0, max(length - window, 0), window - window // 4)) + [max(length - window, 0)]
    return [range(start, min(start + window, length)) for start in starts]


def drawn_part(text: dict, starts: list[int], window: int) -> dict:
    """What an epoch reads of a text, or of both texts of a pair."""
    named = [(name, start) for name, start in zip(("ids", "second"), starts) if name in text]
    return text | {name: text[name][start : start + window] for name, start in named}


class Model(torch.nn.Module):
    def __init__(self, header: dict, kind: str, head: list[float] | None) -> None:
        super().__init__()
        config = header["config"]
        drop = config["dropout"]
        self.lm = GPT2LMHeadModel.from_pretrained(header["base"], dtype=torch.float32, resid_pdrop=drop, attn_pdrop=drop, embd_pdrop=drop)
        self.kind, self.window, self.mean = kind, config["window"], {"last": 0.0, "both": 0.5, "mean": 1.0}[config["pooling"]]
        self.apart = config.get("pairs") == "apart"
        if head:
            self.score = torch.nn.Parameter(torch.tensor(head).reshape(len(header["classes"]), -1))

    def states(self, rows: list[list[int]]) -> torch.Tensor:
        """States of rows padded on the right: causality keeps tokens from seeing the padding."""
        longest = max(map(len, rows))
        return self.lm.transformer(torch.tensor([row + [0] * (longest - len(row)) for row in rows])).last_hidden_state

    def texts(self, texts: list[dict]) -> torch.Tensor:
        """A row of logits for each text, or for each pair that is read apart."""
        if not self.apart:
            return self.vectors([text["ids"] for text in texts]) @ self.score.T
        first, second = (self.vectors([text[name] for text in texts]) for name in ("ids", "second"))
        return torch.cat([first, second, (first - second).abs(), first * second], 1) @ self.score.T

    def vectors(self, texts: list[list[int]]) -> torch.Tensor:
        """A row for each text."""
        rows, owners = [], []
        for number, ids in enumerate(texts):
            for window in windows(len(ids), self.window)[:MOST_WINDOWS]:
                rows.append(ids[window.start : window.stop])
                owners.append(number)
        lengths = torch.tensor([len(row) for row in rows])
        states = self.states(rows)
        within = (torch.arange(states.shape[1])[None] < lengths[:, None]).float()
        mean = (states * within[..., None]).sum(1) / lengths[:, None]
        pooled = self.mean * mean + (1 - self.mean) * states[torch.arange(len(rows)), lengths - 1]
        owners = torch.tensor(owners)
        counts = torch.bincount(owners, minlength=len(texts)).float()
        return torch.zeros(len(texts), pooled.shape[1]).index_add(0, owners, pooled) / counts[:, None]

    def tokens(self, texts: list[dict]) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits and targets of the tokens that count, text by text; each counts in the first window that reads it."""
        rows, places, targets = [], [], []
        for text in texts:
            counted = 0
            for window in windows(len(text["ids"]), self.window) if text["ids"] else []:
                for place in range(counted, window.stop):
                    if text["targets"][place] >= 0:
                        places.append((len(rows), place - window.start))
                        targets.append(text["targets"][place])
                counted = window.stop
                rows.append(text["ids"][window.start : window.stop])
        at = torch.tensor(places)
        states = self.states(rows)[at[:, 0], at[:, 1]]
        head = self.lm.transformer.wte.weight if self.kind == "answers" else self.score
        return states @ head.T, torch.tensor(targets)

    def loss(self, texts: list[dict]) -> torch.Tensor:
        if self.kind == "classes":
            return torch.nn.functional.cross_entropy(self.texts(texts), torch.tensor([text["class"] for text in texts]))
        return torch.nn.functional.cross_entropy(*self.tokens(texts))

    def answer(self, text: dict) -> list[int]:
        """Greedy, as `generate(do_sample=False)`, with the end left out."""
        end, ids, past, said = self.lm.config.eos_token_id, text["ids"][: text["prompt"]], None, []
        while len(said) < text["most"]:
            output = self.lm(torch.tensor([ids]), past_key_values=past, use_cache=True)
            past, ids = output.past_key_values, [int(output.logits[0, -1].argmax())]
            if ids[0] == end:
                break
            said += ids
        return said


def groups(model: Model, config: dict) -> list[dict]:
    layers, found = model.lm.config.n_layer, {}
    for name, parameter in model.named_parameters():
        if config["trained"] == "head_only" and name != "score":
            parameter.requires_grad_(False)
            continue
        depth = 0
        if ".h." in name:
            depth = layers - int(name.split(".")[3])
        elif ".wte" in name or ".wpe" in name:
            depth = layers + 1
        found.setdefault((config["layer_decay"] ** depth, parameter.ndim >= 2), []).append(parameter)
    decay = config["weight_decay"]
    return [{"params": list_, "scale": scale, "weight_decay": decay if matrix else 0.0} for (scale, matrix), list_ in found.items()]


class Judge:
    def __init__(self, header: dict, kind: str, tokenizer: Tokenizer) -> None:
        self.names, self.kind, self.tokenizer = header["classes"], kind, tokenizer
        self.spans = kind == "tags" and all(name == "O" or re.match("[BIES]-|[BI]$", name) for name in self.names)

    @torch.no_grad()
    def __call__(self, model: Model, texts: list[dict], answered: list[int]) -> tuple[float, dict]:
        """Mean loss, and figures by name."""
        model.eval()
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]["ids"]))
        losses, said = [], [[] for _ in texts]
        for start in range(0, len(order), 64):
            chosen = order[start : start + 64]
            some = [texts[number] for number in chosen]
            if self.kind == "classes":
                logits, targets = model.texts(some), torch.tensor([text["class"] for text in some])
                found = [[int(best)] for best in logits.argmax(1)]
            else:
                logits, targets = model.tokens(some)
                best = logits.argmax(1).tolist() if self.kind == "tags" else []
                counts = [sum(target >= 0 for target in text["targets"]) for text in some]
                found = [best[sum(counts[:at]) : sum(counts[: at + 1])] for at in range(len(some))]
            losses.append(torch.nn.functional.cross_entropy(logits, targets, reduction="none"))
            for number, own in zip(chosen, found):
                said[number] = own
        return float(torch.cat(losses).mean()), self.figures(model, texts, said, answered)

    def figures(self, model: Model, texts: list[dict], said: list[list[int]], answered: list[int]) -> dict:
        if self.kind == "classes":
            truth, own = [text["class"] for text in texts], [one for (one,) in said]
            return {"macro_f1": f1_score(truth, own, average="macro", zero_division=0), "accuracy": accuracy_score(truth, own)}
        if self.kind == "tags":
            outside = self.names.index("O") if "O" in self.names else 0
            own = []
            for text, tags in zip(texts, said):
                rest = iter(tags)
                own.append([self.names[outside if last is None else next(rest)] for last in text["lasts"]])
            truth = [[self.names[tag] for tag in text["tags"]] for text in texts]
            right = [a == b for one, other in zip(truth, own) for a, b in zip(one, other)]
            figures = {"tag_accuracy": sum(right) / len(right)}
            if self.spans:
                from seqeval.metrics import f1_score as span_f1

                figures["span_f1"] = span_f1(truth, own, zero_division=0)
            return figures
        from sacrebleu.metrics import CHRF

        own = [self.tokenizer.decode(model.answer(texts[number])).strip() for number in answered]
        wanted = [texts[number]["wanted"] for number in answered]
        most = max((len(list_) for list_ in wanted), default=1)
        references = [[list_[at] if at < len(list_) else list_[-1] for list_ in wanted] for at in range(most)]
        return {"chrf": CHRF().corpus_score(own, references).score if own else 0.0}


def run(header: dict, kind: str, parts: dict, seed: int, judge: Judge) -> tuple[str, dict]:
    torch.manual_seed(seed)
    began, config, drawn = time.time(), header["config"], header["seeds"][str(seed)]
    model = Model(header, kind, drawn.get("head"))
    optimizer = torch.optim.AdamW(groups(model, config), lr=config["learning_rate"], betas=(0.9, 0.999), eps=1e-8)
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    training, size = parts["training"], config["batch_size"]
    steps = -(-len(training) // size) * config["epochs"]
    warmup = int(config["warmup_share"] * steps + 0.5)
    metric = config["metric"] if config["metric"] != "span_f1" or judge.spans else "tag_accuracy"
    best, best_epoch, without, step, epoch = ((-math.inf, -math.inf), None), 0, 0, 0, 0
    for epoch in range(1, config["epochs"] + 1):
        model.train()
        order, starts = drawn["orders"][epoch - 1], drawn.get("starts", [None] * epoch)[epoch - 1]
        read = [drawn_part(text, at, config["window"]) for text, at in zip(training, starts)] if starts else training
        for start in range(0, len(order), size):
            share = (step + 1) / warmup if step < warmup else 1 - (1 - FLOOR) * min((step - warmup) / max(steps - warmup - 1, 1), 1)
            for group in optimizer.param_groups:
                group["lr"] = config["learning_rate"] * share * group["scale"]
            optimizer.zero_grad()
            model.loss([read[number] for number in order[start : start + size]]).backward()
            torch.nn.utils.clip_grad_norm_(learning, config["clip_norm"])
            optimizer.step()
            step += 1
        loss, figures = judge(model, parts["validation"], drawn.get("validation", []))
        told = "".join(f", {name} {value:.4f}" for name, value in figures.items())
        print(f"epoch {epoch}: validation loss {loss:.4f}{told}, {time.time() - began:.0f} s", flush=True)
        # Of equal figures the one with the lower loss.
        rank = (-loss if metric == "loss" else figures[metric], -loss)
        without += 1
        if rank > best[0]:
            best, best_epoch, without = (rank, {name: value.clone() for name, value in model.state_dict().items()}), epoch, 0
        if config["patience"] and without >= config["patience"]:
            break
    model.load_state_dict(best[1])
    part = "test" if parts["test"] else "validation"
    loss, figures = judge(model, parts[part], drawn.get(part, []))
    headline = figures.get("span_f1", figures.get("macro_f1", figures.get("chrf", figures.get("tag_accuracy"))))
    figures = {"accuracy": figures.get("accuracy", math.nan), "headline": headline, "loss": loss}
    told = " ".join(f"{name}={value:.4f}" for name, value in figures.items())
    return f"rows={len(training)}/{len(parts[part])} epochs={best_epoch}/{epoch} {told} seconds={time.time() - began:.0f}", figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("examples", type=Path)
    parser.add_argument("--seeds", help="of those in the file; all unless told")
    parser.add_argument("--beside", type=Path, help="what the example printed")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    lines = arguments.examples.read_text().splitlines()
    header = json.loads(lines[0])
    config = header["config"]
    if config["trained"] not in ("everything", "head_only") or config["schedule"] != "linear" or config["weighting"] != "equal":
        raise SystemExit("everything or the head alone, a straight line and equal classes are known here")
    kind = TASKS[config["choice"]["columns"]["task"]]
    tokenizer = Tokenizer.from_file(str(Path(header["base"]) / "tokenizer.json"))
    parts: dict = {part: [] for part in ("training", "validation", "test")}
    for line in lines[1:]:
        example = json.loads(line)
        for text, ids in (("text", "ids"), ("second_text", "second")) if kind == "classes" else ():
            if text in example and tokenizer.encode(example[text], add_special_tokens=False).ids != example[ids]:
                raise SystemExit(f"read otherwise: {example[text]!r}")
        if kind == "tags":
            example["targets"] = [-1] * len(example["ids"])
            for last, tag in zip(example["lasts"], example["tags"]):
                if last is not None:
                    example["targets"][last] = tag
        parts[example["part"]].append(example)
    beside = {}
    for line in arguments.beside.read_text().splitlines() if arguments.beside else []:
        if line.startswith("RESULT "):
            figures = dict(pair.split("=") for pair in line.split() if "=" in pair)
            beside[figures["seed"]] = figures
    for seed in arguments.seeds.split(",") if arguments.seeds else header["seeds"]:
        told, figures = run(header, kind, parts, int(seed), Judge(header, kind, tokenizer))
        print(f"PYTORCH {header['set']} seed={seed} {told}", flush=True)
        if seed in beside:
            gaps = " ".join(f"{name}={float(beside[seed][name]) - value:+.4f}" for name, value in figures.items())
            print(f"ATTUNE-PYTORCH {header['set']} seed={seed} {gaps}", flush=True)


if __name__ == "__main__":
    main()
