"""Trains a GPT-2 model on a stream of tokens: the same code on one CPU, one GPU or a cluster, by `accelerate`.

In: a configuration and a run folder with train.npy and held_back.npz (pretrain.py writes them). Out: in the run folder, checkpoints that a later
run takes up, and history.jsonl with the losses. Nothing here knows where texts come from.
"""

import json
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from transformers import GPT2LMHeadModel

from grow import grow
from network import WithLoss, new_model
from optimise import optimizers, rate
from windows import Windows, mean_loss


def precision(setting: dict) -> str:
    """bf16 where the device computes in it, unless the configuration says otherwise. Weights and optimiser stay in f32."""
    if torch.cuda.is_available() and not setting.get("cpu"):
        able = torch.cuda.is_bf16_supported()
    else:
        able = torch.cpu._is_avx512_bf16_supported()
    return "bf16" if setting.get("bf16", able) else "no"


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
