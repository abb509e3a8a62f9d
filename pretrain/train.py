"""Trains a GPT-2 model on a stream of tokens: the same code on one CPU, one GPU or a cluster, by `accelerate`.

In: a configuration and a run folder with train.npy and held_back.npz (prepare.py writes them). Out: in the run folder, checkpoints that a later
run takes up, and history.jsonl with the losses. Nothing here knows where texts come from.
"""

import json
import math
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from torch import nn
from torch.nn import functional as F
from transformers import GPT2Config, GPT2LMHeadModel

from grow import grow


def new_model(model: dict, vocab_size: int) -> GPT2LMHeadModel:
    """GPT-2 of the configured shape. Residual projections start smaller, as GPT-2's do, by the number of residual additions."""
    shape = {key: model[key] for key in ("n_layer", "n_head", "n_embd", "n_positions")}
    config = GPT2Config(
        vocab_size=vocab_size, bos_token_id=0, eos_token_id=0, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, use_cache=False, **shape
    )
    config._attn_implementation = attention()
    return GPT2LMHeadModel(config)


def attention() -> str:
    """Explicit attention compiles to faster code on a CPU at these sizes than the fused kernel."""
    return "sdpa" if torch.cuda.is_available() else "eager"


def precision(setting: dict) -> str:
    """bf16 where the device computes in it, unless the configuration says otherwise. Weights and optimiser stay in f32."""
    if torch.cuda.is_available() and not setting.get("cpu"):
        able = torch.cuda.is_bf16_supported()
    else:
        able = torch.cpu._is_avx512_bf16_supported()
    return "bf16" if setting.get("bf16", able) else "no"


class Gelu(nn.Module):
    """GPT-2's GELU (`gelu_new`): x/2 (1 + tanh u) is x sigmoid(2u), and compiled code is quicker with a sigmoid than with a tanh (README.md)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(math.sqrt(8 / math.pi) * (x + 0.044715 * x * x * x))


class Dropout(nn.Module):
    """Dropout (Srivastava et al. 2014) whose random bytes are drawn before the step: on a CPU compiled code takes longer to draw them than to multiply."""

    def __init__(self, share: float):
        super().__init__()
        self.dropped = round(256 * share)
        self.bytes: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.bytes is None:
            return x
        return torch.where(self.bytes.view_as(x) >= self.dropped, x * (256 / (256 - self.dropped)), 0.0)


class WithLoss(nn.Module):
    """Mean loss over all positions of a batch of windows, in one call that can be compiled and distributed."""

    def __init__(self, model: GPT2LMHeadModel, dropout: float = 0.0):
        super().__init__()
        self.model = model
        self.dropouts: list[Dropout] = []
        if dropout:
            # Where GPT-2 has it, less the attention weights: after the embeddings, and on what each half of a block adds.
            self.dropouts = [Dropout(dropout) for _ in range(1 + 2 * len(model.transformer.h))]
            model.transformer.drop = self.dropouts[0]
            for index, block in enumerate(model.transformer.h):
                block.attn.resid_dropout, block.mlp.dropout = self.dropouts[2 * index + 1 : 2 * index + 3]
        if model.config.activation_function == "gelu_new":
            for block in model.transformer.h:
                block.mlp.act = Gelu()

    def forward(self, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        hidden = self.model.transformer(input_ids=inputs).last_hidden_state
        logits = self.model.lm_head(hidden)
        return F.cross_entropy(logits.view(-1, logits.shape[-1]).float(), targets.reshape(-1).long())

    def draw(self, positions: int, generator: torch.Generator) -> None:
        """New random bytes for a forward pass over so many positions (windows times their length)."""
        size = positions * self.model.config.n_embd
        for place in self.dropouts:
            if place.bytes is None or place.bytes.numel() != size:
                place.bytes = torch.empty(size, dtype=torch.uint8, device=generator.device)
            # Eight bytes at once, all 64 bits of them.
            place.bytes.view(torch.int64).random_(-(2**63), None, generator=generator)


class Windows:
    """Windows of `length` tokens and the token after each: every epoch cuts the stream at another offset and draws another order, both by seed,
    so that step n is the same windows whether or not the run was interrupted."""

    def __init__(self, stream: np.ndarray, length: int, seed: int):
        self.stream, self.length, self.seed = stream, length, seed
        self.per_epoch = (len(stream) - 1) // length - 1
        if self.per_epoch < 1:
            raise ValueError(f"{len(stream)} tokens are too few for windows of {length}")
        self.epoch = -1

    def batch(self, first: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        rows = []
        for index in range(first, first + count):
            epoch, place = divmod(index, self.per_epoch)
            if epoch != self.epoch:
                generator = np.random.default_rng((self.seed, epoch))
                self.offset = int(generator.integers(self.length))
                self.order = generator.permutation(self.per_epoch)
                self.epoch = epoch
            start = self.offset + int(self.order[place]) * self.length
            rows.append(self.stream[start : start + self.length + 1])
        both = torch.from_numpy(np.stack(rows).astype(np.int64))
        return both[:, :-1].contiguous(), both[:, 1:].contiguous()


def rate(step: int, steps: int, train: dict) -> float:
    """Share of the peak learning rate at a step: warm-up, then cosine decay to a tenth, or level until the last share decays to zero."""
    warmup = max(1, int(train.get("warmup", 0.01) * steps))
    if step < warmup:
        return (step + 1) / warmup
    if train.get("schedule", "cosine") == "cosine":
        return 0.1 + 0.45 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))
    decay = train.get("decay", 0.2) * steps
    return min(1.0, (steps - step) / max(1.0, decay))


def optimizers(model: nn.Module, train: dict) -> list[torch.optim.Optimizer]:
    """AdamW for everything, or Muon for the blocks' matrices and AdamW for the rest. Vectors and embeddings do not decay."""
    peak, decay = train["learning_rate"], train.get("weight_decay", 0.1)
    adamw = {"lr": peak, "betas": (0.9, 0.95), "eps": 1e-8, "fused": True}
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and ".h." in name]
    inside = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in inside]
    if train.get("optimizer", "adamw") == "muon":
        # Scaled so that its steps are as long as AdamW's: one learning rate serves both.
        muon = torch.optim.Muon(matrices, lr=peak, weight_decay=decay, momentum=0.95, adjust_lr_fn="match_rms_adamw")
        return [muon, torch.optim.AdamW(others, weight_decay=0.0, **adamw)]
    return [torch.optim.AdamW([{"params": matrices, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}], **adamw)]


@torch.no_grad()
def mean_loss(module: nn.Module, stream: np.ndarray, length: int, device: torch.device, batch: int = 16) -> float:
    """Mean loss in nats a token, in windows that do not overlap; every token but the first is predicted once."""
    module.eval()
    total, count = 0.0, 0
    tokens = torch.from_numpy(stream.astype(np.int64))
    whole = (len(tokens) - 1) // length
    for start in range(0, whole, batch):
        rows = range(start, min(start + batch, whole))
        both = torch.stack([tokens[row * length : (row + 1) * length + 1] for row in rows]).to(device)
        total += float(module(both[:, :-1], both[:, 1:])) * both[:, 1:].numel()
        count += both[:, 1:].numel()
    module.train()
    return total / count


def save(path: Path, values: dict) -> None:
    """Written beside and renamed, so that an interruption leaves the old file."""
    temporary = path.with_suffix(".new")
    torch.save(values, temporary)
    temporary.replace(path)


def train(config: dict, run: Path, device_is_cpu: bool, tokens: int | None = None) -> None:
    """Trains until the configured number of tokens, from the run's last checkpoint if there is one."""
    setting, shape = config["train"], config["model"]
    accelerator = Accelerator(cpu=device_is_cpu, mixed_precision=precision(setting | {"cpu": device_is_cpu}))
    torch.manual_seed(config["seed"])
    vocab_size = json.loads((run / "prepared.json").read_text())["vocab_size"]
    length, world = shape["n_positions"], accelerator.num_processes
    hf = new_model(shape, vocab_size)
    if start := setting.get("start_from"):
        if not Path(start).is_dir():
            raise SystemExit(f"start_from: there is no model folder {start}")
        trained = GPT2LMHeadModel.from_pretrained(start, dtype=torch.float32)
        if trained.config.n_embd == shape["n_embd"]:
            hf.load_state_dict(trained.state_dict())
        else:
            grow(trained, hf, config["seed"])
    raw = module = WithLoss(hf, shape.get("dropout", 0.0))
    noise = torch.Generator(accelerator.device)
    opts = optimizers(hf, setting)
    # Compilation needs a C++ compiler. Each of the few shapes gets its own code.
    if setting.get("compile", any(shutil.which(name) for name in ("c++", "g++", "clang++"))):
        module.compile(dynamic=False)
    module, *opts = accelerator.prepare(module, *opts)
    stream = np.load(run / "train.npy", mmap_mode="r")
    # For the first share of a run, windows may be shorter than the context: more of them at once, as many tokens a step, and less attention to compute.
    short = setting.get("window", length)
    held = {name: values for name, values in np.load(run / "held_back.npz").items()}
    micro = setting.get("micro_batch", setting["batch"])
    rounds = max(1, setting["batch"] // (micro * world))
    batch = rounds * micro * world
    steps = (tokens or setting["tokens"]) // (batch * length)
    levels = setting.get("schedule", "cosine") == "wsd"
    lengthens = int(setting.get("window_share", 1 - setting.get("decay", 0.2) if levels else 1) * steps)

    step, spent, undecayed = 0, {"wall": 0.0, "cpu": 0.0}, True
    last, level = run / "last.pt", run / "level.pt"
    for path in (last, level):
        if not path.exists():
            continue
        # A finished run whose budget was raised goes on from where its learning rate was still level.
        values = torch.load(path, map_location=accelerator.device, weights_only=True)
        if path == last and level.exists() and values["step"] >= values["steps"] and steps > values["steps"]:
            continue
        hf.load_state_dict(values["model"])
        for opt, state in zip(opts, values["optimizers"]):
            opt.load_state_dict(state)
        step, spent, undecayed = values["step"], values["spent"], values["undecayed"]
        break

    def state() -> dict:
        return {
            "model": hf.state_dict(), "optimizers": [opt.state_dict() for opt in opts], "step": step, "steps": steps,
            "tokens": step * batch * length, "spent": dict(spent), "undecayed": undecayed,
        }

    stopping = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.append(True))
    history = run / "history.jsonl"
    wall, cpu, saved = time.monotonic(), time.process_time(), time.monotonic()
    running, since = torch.zeros((), device=accelerator.device), 0
    windows = Windows(stream, short if step < lengthens else length, config["seed"])
    module.train()
    # All processes end after the same step, whichever was asked to.
    while step < steps and not int(accelerator.reduce(torch.tensor(len(stopping), device=accelerator.device))):
        now = rate(step, steps, setting)
        if levels and undecayed and now < 1 and step > setting.get("warmup", 0.01) * steps:
            if accelerator.is_main_process:
                save(level, state())
            undecayed = False
        if step == lengthens:
            windows = Windows(stream, length, config["seed"])
        for opt in opts:
            for group in opt.param_groups:
                group["lr"] = setting["learning_rate"] * now
        at_once = micro * length // windows.length
        noise.manual_seed((config["seed"] << 32) + step * world + accelerator.process_index)
        for index in range(rounds):
            raw.draw(at_once * windows.length, noise)
            first = ((step * rounds + index) * world + accelerator.process_index) * at_once
            inputs, targets = windows.batch(first, at_once)
            loss = module(inputs.to(accelerator.device), targets.to(accelerator.device)) / rounds
            running += loss.detach()
            accelerator.backward(loss)
        accelerator.clip_grad_norm_(hf.parameters(), setting.get("clip", 1.0))
        for opt in opts:
            opt.step()
            opt.zero_grad()
        step, since = step + 1, since + 1
        evaluates = step % setting.get("evaluate_every", 500) == 0 or step == steps
        if step % setting.get("log_every", 50) == 0 or evaluates:
            spent["wall"] += time.monotonic() - wall
            spent["cpu"] += time.process_time() - cpu
            wall, cpu = time.monotonic(), time.process_time()
            line = {"step": step, "of": steps, "tokens": step * batch * length, "rate": round(now, 4), "loss": round(float(running) / since, 4)}
            running.zero_()
            since = 0
            if evaluates:
                limit = setting.get("evaluate_tokens", 16 * 1024)
                line["held_back"] = {name: round(mean_loss(module, values[:limit], windows.length, accelerator.device, at_once), 4) for name, values in held.items()}
            line |= {"hours": round(spent["wall"] / 3600, 4), "cpu_hours": round(spent["cpu"] / 3600, 4)}
            if accelerator.is_main_process:
                with history.open("a") as file:
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
                print(json.dumps(line, ensure_ascii=False), flush=True)
        if time.monotonic() - saved > 60 * setting.get("checkpoint_minutes", 10) and accelerator.is_main_process:
            save(last, state())
            saved = time.monotonic()
    if accelerator.is_main_process:
        save(last, state())
    accelerator.wait_for_everyone()
