"""From text files to a Hugging Face model folder. `accelerate launch pretrain.py --config configs/NAME.toml`; see README.md."""

import argparse
import json
import os
import tomllib
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

import text
import tokenise
import train

HERE = Path(__file__).parent


def prepare(config: dict, folder: Path, run: Path) -> None:
    """Texts to tokenizer.json, train.npy, held_back.npz and prepared.json, unless they are there."""
    if (run / "prepared.json").exists():
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
    for name, texts in documents.held_back.items():
        (run / f"held_back {name.replace('/', '-')}.txt").write_text("\n".join(texts))
    (run / "train.txt").write_text("\n\x00\n".join(documents.train))
    report = {
        "vocab_size": tokenizer.get_vocab_size(), "train_tokens": len(stream), "train_bytes": sum(len(d.encode()) for d in documents.train),
        "sources": documents.report,
    }
    (run / "prepared.json").write_text(json.dumps(report, ensure_ascii=False, indent=1))
    print(json.dumps(report, ensure_ascii=False))


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--config", required=True, type=Path)
    arguments.add_argument("--run", type=Path, help="folder of this run's files; default: runs/NAME beside this script")
    arguments.add_argument("--tokens", type=int, help="another number of tokens than the configuration's")
    arguments.add_argument("--cpu", action="store_true", help="use the CPU even where there is a GPU")
    arguments.add_argument("--stage", choices=["prepare", "train", "export", "all"], default="all")
    given = arguments.parse_args()
    config = tomllib.loads(given.config.read_text())
    run = given.run or HERE / "runs" / config["name"]
    os.environ.setdefault("ATTUNE_DATA", str(HERE / "../../shared/data"))
    if given.stage in ("prepare", "all"):
        prepare(config, given.config.parent, run)
    if given.stage in ("train", "all"):
        train.train(config, run, given.cpu, given.tokens)


if __name__ == "__main__":
    main()
