"""From text files to a Hugging Face model folder: `accelerate launch pretrain.py --config configs/NAME.toml`. README.md explains.

Stages, each of which starts from the files that the one before left in the run folder: prepare, train, export.
"""

import argparse
import json
import os
import tomllib
from pathlib import Path

import numpy as np
from accelerate import PartialState
from tokenizers import Tokenizer, decoders

import export
import text
import tokenise
import train

HERE = Path(__file__).parent


def read(path: Path) -> dict:
    """A configuration; its sources may stand in another file that several share."""
    config = tomllib.loads(path.read_text(encoding="utf-8"))
    if shared := config.get("sources"):
        config["source"] = config.get("source", []) + tomllib.loads((path.parent / shared).read_text(encoding="utf-8"))["source"]
    if start := config["train"].get("start_from"):
        config["train"]["start_from"] = path.parent / os.path.expandvars(start)
    sources = config.setdefault("source", [])
    names = [source.get("name") for source in sources]
    if not sources or not all(names) or len(set(names)) < len(names) or not all(source.get("licence") for source in sources):
        raise SystemExit(f"{path}: there must be a [[source]], and each needs a name of its own and a licence; the card says both")
    return config


def made_from(config: dict) -> dict:
    """What prepared texts depend on; a licence is only quoted."""
    sources = [{key: value for key, value in source.items() if key != "licence"} for source in config["source"]]
    return {"source": sources, "tokenizer": config["tokenizer"], "seed": config["seed"]}


def check(config: dict, run: Path) -> bool:
    """Whether a run folder is prepared, and from this configuration."""
    if not (run / "prepared.json").exists():
        return False
    was, now = json.loads((run / "prepared.json").read_text(encoding="utf-8")).get("made_from"), made_from(config)
    # A folder of before this was noted is taken as it is.
    if was and was != now:
        changed = ", ".join(key for key in now if was.get(key) != now[key])
        raise SystemExit(f"{run} was prepared with another configuration ({changed}): undo the change, or take another folder by --run")
    return True


def kind(tokenizer: Tokenizer) -> str:
    """A tokenizer in the card's words."""
    return ("byte-level " if isinstance(tokenizer.decoder, decoders.ByteLevel) else "") + type(tokenizer.model).__name__


def prepare(config: dict, folder: Path, run: Path) -> None:
    """Texts to tokenizer.json, train.npy, held_back.npz, held_back.json and prepared.json, unless they are there."""
    if check(config, run):
        return
    run.mkdir(parents=True, exist_ok=True)
    documents = text.gather(config, folder)
    path = run / "tokenizer.json"
    if given := config["tokenizer"].get("path"):
        path.write_bytes((folder / os.path.expandvars(given)).read_bytes())
        tokenizer = Tokenizer.from_file(str(path))
    else:
        tokenizer = tokenise.learn(documents.train, config["tokenizer"]["vocab_size"], path)
    stream = tokenise.encode(tokenizer, documents.train)
    np.save(run / "train.npy", stream)
    np.savez(run / "held_back.npz", **{name: tokenise.encode(tokenizer, texts) for name, texts in documents.held_back.items()})
    (run / "held_back.json").write_text(json.dumps(documents.held_back, ensure_ascii=False), encoding="utf-8")
    report = {
        "vocab_size": tokenizer.get_vocab_size(), "end_of_text": tokenise.end(tokenizer), "tokenizer": kind(tokenizer), "train_tokens": len(stream),
        "train_bytes": sum(len(document.encode()) for document in documents.train), "sources": documents.report,
    }
    # Last: its presence says that all is there.
    (run / "prepared.json").write_text(json.dumps(report | {"made_from": made_from(config)}, ensure_ascii=False, indent=1), encoding="utf-8")
    print(json.dumps(report, ensure_ascii=False))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--config", required=True, type=Path)
    arguments.add_argument("--run", type=Path, help="folder for this run's files; otherwise runs/NAME beside this script")
    arguments.add_argument("--out", type=Path, help="folder for the exported model; otherwise RUN/model")
    arguments.add_argument("--tokens", type=int, help="train on another number of tokens than the configuration's")
    arguments.add_argument("--cpu", action="store_true", help="use the CPU even where there is a GPU")
    arguments.add_argument("--stage", choices=["prepare", "train", "export", "all"], default="all")
    given = arguments.parse_args()
    config = read(given.config)
    run = given.run or HERE / "runs" / config["name"]
    os.environ.setdefault("ATTUNE_DATA", str((HERE / "../../shared/data").resolve()))
    state = PartialState(cpu=given.cpu)
    if given.stage in ("prepare", "all"):
        # The first process writes, the others wait for it.
        with state.main_process_first():
            prepare(config, given.config.parent, run)
    elif not check(config, run):
        raise SystemExit(f"{run} is not prepared: the stage `prepare` comes first")
    finished = train.train(config, run, given.cpu, given.tokens) if given.stage in ("train", "all") else True
    # What was asked to end is not finished, and no model to hand out unless that is asked for.
    if given.stage in ("export", "all") and finished and state.is_main_process:
        export.export(config, run, given.out or run / "model")


if __name__ == "__main__":
    main()
