"""Trains a GPT-2 model on a stream of tokens: the same code on one CPU, one GPU or a cluster, by `accelerate`.

In: a configuration and a run folder with prepared.json, train.npy and held_back.npz (pretrain.py writes them). Out: in the run folder, checkpoints
that a later run takes up, and history.jsonl with the losses. Nothing here knows where texts come from.
"""

import json
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator

import grow
from network import WithLoss, new_model
from optimise import optimizers, rate
from windows import Windows, mean_loss


def precision(setting: dict, cpu: bool) -> str:
    """bf16 where the device computes in it, unless the configuration says otherwise. Weights and optimiser stay in f32."""
    if torch.cuda.is_available() and not cpu:
        able = torch.cuda.is_bf16_supported()
    else:
        able = torch.cpu._is_avx512_bf16_supported()
    return "bf16" if setting.get("bf16", able) else "no"


def portions(setting: dict, processes: int) -> tuple[int, int]:
    """How many windows a process reads at once, and how often in one step: together always `batch`, however many processes there are."""
    batch = setting["batch"]
    micro = min(setting.get("micro_batch", batch), batch // processes)
    if micro < 1 or batch % (micro * processes):
        raise SystemExit(f"batch = {batch} windows a step is no multiple of {micro} at once in each of {processes} processes: change batch or micro_batch")
    return micro, batch // (micro * processes)


def short_share(setting: dict) -> float:
    """For what share of all steps windows have `window` tokens instead of the whole context."""
    falls = setting.get("decay", 0.2) if setting.get("schedule", "cosine") == "wsd" else 0
    return setting.get("window_share", 1 - falls) if "window" in setting else 0.0


def goes_back(values: dict, steps: int) -> bool:
    """Whether a checkpoint is from where the rate was falling, and the end has moved away since: then the run goes on from where it was level."""
    return not values["undecayed"] and steps > values["steps"]


def noise_seed(seed: int, step: int, process: int) -> int:
    """Another one for every step and every process, in 32 bits, which is what all devices' generators take."""
    return int(np.random.SeedSequence((seed, step, process)).generate_state(1)[0])


@contextmanager
def until_asked() -> Iterator[list]:
    """A list that is no longer empty once this process has been asked to end (Ctrl+C, SIGTERM)."""
    asked: list[int] = []
    before = {number: signal.signal(number, lambda number, _: asked.append(number)) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Training:
    """One run, from its last checkpoint on."""

    def __init__(self, config: dict, run: Path, cpu: bool, tokens: int | None):
        self.setting, self.seed, self.run = config["train"], config["seed"], run
        setting, shape = config["train"], config["model"]
        self.accelerator = Accelerator(cpu=cpu, mixed_precision=precision(setting, cpu))
        self.main, self.device = self.accelerator.is_main_process, self.accelerator.device
        self.processes, self.process = self.accelerator.num_processes, self.accelerator.process_index
        self.micro, self.rounds = portions(setting, self.processes)
        self.length = shape["n_positions"]
        # At first, windows may be shorter than the context: more of them at once, as many tokens a step, and less attention to compute.
        self.short = setting.get("window", self.length)
        if self.length % self.short:
            raise SystemExit(f"window = {self.short} is no part of the context of {self.length} tokens")
        self.per_step = setting["batch"] * self.length
        self.steps = (tokens or setting["tokens"]) // self.per_step
        self.lengthens = int(short_share(setting) * self.steps)
        self.levels = setting.get("schedule", "cosine") == "wsd"

        torch.manual_seed(self.seed)
        self.last, self.level = run / "last.pt", run / "level.pt"
        prepared = json.loads((run / "prepared.json").read_text(encoding="utf-8"))
        self.hf = new_model(shape, prepared["vocab_size"], prepared.get("end_of_text", 0))
        if (start := setting.get("start_from")) and not self.last.exists():
            grow.begin(self.hf, Path(start), self.seed)
        self.raw = WithLoss(self.hf, shape.get("dropout", 0.0))
        self.noise = torch.Generator(self.device)
        opts = optimizers(self.hf, setting)
        # Compilation needs a C++ compiler. Each of the few shapes gets its own code.
        if setting.get("compile", any(shutil.which(name) for name in ("c++", "g++", "clang++"))):
            self.raw.compile(dynamic=False)
        self.module, *self.opts = self.accelerator.prepare(self.raw, *opts)
        self.stream = np.load(run / "train.npy", mmap_mode="r")
        self.held = dict(np.load(run / "held_back.npz").items())
        self.step, self.tokens, self.spent, self.undecayed = 0, 0, {"wall": 0.0, "cpu": 0.0}, True
        self.resume()

    def resume(self) -> None:
        """From the last checkpoint, or from where the rate was still level if the run was lengthened since it fell."""
        for path in (self.last, self.level):
            if not path.exists():
                continue
            # A device like "cpu:0", as several processes have it, is no place to load to.
            values = torch.load(path, map_location="cpu", weights_only=True)
            if path == self.last and self.level.exists() and goes_back(values, self.steps):
                continue
            if (batch := values.get("batch", self.setting["batch"])) != self.setting["batch"]:
                raise SystemExit(f"{path} was made with batch = {batch} windows a step: keep that, or begin another run folder")
            self.hf.load_state_dict(values["model"])
            for opt, state in zip(self.opts, values["optimizers"]):
                opt.load_state_dict(state)
            self.step, self.tokens, self.spent, self.undecayed = (values[name] for name in ("step", "tokens", "spent", "undecayed"))
            return

    def checkpoint(self, path: Path) -> None:
        """All processes call it, for the time that they spent; the first one writes. Beside and renamed, so that an interruption leaves the old file."""
        self.count_time()
        if self.main:
            ran = {"device": self.device.type, "processes": self.processes, "threads": torch.get_num_threads()}
            values = {
                "model": self.hf.state_dict(), "optimizers": [opt.state_dict() for opt in self.opts], "step": self.step, "steps": self.steps,
                "tokens": self.tokens, "batch": self.setting["batch"], "spent": dict(self.spent), "ran": ran, "undecayed": self.undecayed,
            }
            temporary = path.with_suffix(".new")
            torch.save(values, temporary)
            temporary.replace(path)
        self.saved = time.monotonic()

    def count_time(self) -> None:
        """Adds what went by since the last call: wall time, and the processor time of all processes."""
        now = time.monotonic(), time.process_time()
        self.spent["wall"] += now[0] - self.clocks[0]
        self.spent["cpu"] += float(self.accelerator.reduce(torch.tensor(now[1] - self.clocks[1], dtype=torch.float32, device=self.device)))
        self.clocks = now

    def agreed(self, asked: list) -> tuple[bool, bool]:
        """Whether any process was asked to end, and whether a checkpoint is due: the same answer in all, since what follows is an exchange between them."""
        due = self.main and time.monotonic() - self.saved > 60 * self.setting.get("checkpoint_minutes", 10)
        ends, due = self.accelerator.reduce(torch.tensor([len(asked), due], device=self.device)).tolist()
        return ends > 0, due > 0

    def learn(self, now: float) -> None:
        """One step of the optimisers, at this share of the peak rate."""
        for opt in self.opts:
            for group in opt.param_groups:
                group["lr"] = self.setting["learning_rate"] * now
        at_once = self.at_once()
        self.noise.manual_seed(noise_seed(self.seed, self.step, self.process))
        for index in range(self.rounds):
            self.raw.draw(at_once * self.windows.length, self.noise)
            first = ((self.step * self.rounds + index) * self.processes + self.process) * at_once
            inputs, targets = self.windows.batch(first, at_once)
            # Gradients are exchanged once a step.
            with self.accelerator.no_sync(self.module) if index + 1 < self.rounds else nullcontext():
                loss = self.module(inputs.to(self.device), targets.to(self.device)) / self.rounds
                self.accelerator.backward(loss)
            self.running += loss.detach()
        self.accelerator.clip_grad_norm_(self.hf.parameters(), self.setting.get("clip", 1.0))
        for opt in self.opts:
            opt.step()
            opt.zero_grad()
        self.step, self.since, self.tokens = self.step + 1, self.since + 1, self.tokens + self.per_step

    def at_once(self) -> int:
        return self.micro * self.length // self.windows.length

    def log(self, now: float, evaluates: bool) -> None:
        """A line of history.jsonl: the mean loss of all processes since the line before."""
        self.count_time()
        loss = float(self.accelerator.reduce(self.running, "mean")) / self.since
        line = {"step": self.step, "of": self.steps, "tokens": self.tokens, "rate": round(now, 4), "loss": round(loss, 4)}
        self.running.zero_()
        self.since = 0
        if evaluates:
            limit = self.setting.get("evaluate_tokens", 16 * 1024)
            losses = {name: mean_loss(self.module, tokens[:limit], self.windows.length, self.device, self.at_once()) for name, tokens in self.held.items()}
            line["held_back"] = {name: round(loss, 4) for name, loss in losses.items()}
        line |= {"hours": round(self.spent["wall"] / 3600, 4), "cpu_hours": round(self.spent["cpu"] / 3600, 4)}
        if self.main:
            with (self.run / "history.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            print(json.dumps(line, ensure_ascii=False), flush=True)

    def loop(self, asked: list) -> bool:
        """Whether it reached the end."""
        setting = self.setting
        self.clocks, self.saved = (time.monotonic(), time.process_time()), time.monotonic()
        self.running, self.since = torch.zeros((), device=self.device), 0
        self.windows = Windows(self.stream, self.short if self.step < self.lengthens else self.length, self.seed)
        self.module.train()
        while self.step < self.steps:
            ends, due = self.agreed(asked)
            if ends:
                break
            if due:
                self.checkpoint(self.last)
            now = rate(self.step, self.steps, setting)
            if self.levels and self.undecayed and now < 1 and self.step > setting.get("warmup", 0.01) * self.steps:
                self.checkpoint(self.level)
                self.undecayed = False
            if self.step == self.lengthens:
                self.windows = Windows(self.stream, self.length, self.seed)
            self.learn(now)
            evaluates = self.step % setting.get("evaluate_every", 500) == 0 or self.step == self.steps
            if evaluates or self.step % setting.get("log_every", 50) == 0:
                self.log(now, evaluates)
        self.checkpoint(self.last)
        self.accelerator.wait_for_everyone()
        return self.step >= self.steps


def train(config: dict, run: Path, cpu: bool, tokens: int | None = None) -> bool:
    """Trains until the configured number of tokens, from the run's last checkpoint if there is one; `False` if it was asked to end before."""
    training = Training(config, run, cpu, tokens)
    with until_asked() as asked:
        finished = training.loop(asked)
    if not finished and training.main:
        print(f"ended after step {training.step} of {training.steps}; the same command goes on from there", flush=True)
    return finished
