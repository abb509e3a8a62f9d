"""Prints what Hugging Face's Python makes of texts, for tests/text_fixtures.rs to compare with.

Usage: python tests/reference/tokenizer_ids.py REQUEST.json
The request is a list of jobs; the answer on standard output is a list of as many results:
  {"ids": TOKENIZER.json, "texts": [...]}           ids of each text, without added special tokens (library `tokenizers`)
  {"transformers": TOKENIZER.json, "texts": [...]}  ids and decoded text of each, through `PreTrainedTokenizerFast`
  {"train": TEXT_FILE, "vocab_size": N}             byte-level BPE learned from a file: tokens by id, and merges
"""

import json
import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers


def ids(job):
    tokenizer = Tokenizer.from_file(job["ids"])
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in job["texts"]]


def through_transformers(job):
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(tokenizer_file=job["transformers"])
    results = []
    for text in job["texts"]:
        encoded = tokenizer(text, add_special_tokens=False)["input_ids"]
        results.append({"ids": encoded, "text": tokenizer.decode(encoded, clean_up_tokenization_spaces=False)})
    return {"vocab_size": len(tokenizer), "results": results}


def train(job):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=job["vocab_size"],
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    with open(job["train"], encoding="utf-8") as file:
        tokenizer.train_from_iterator([file.read()], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return {"vocab": model["vocab"], "merges": model["merges"]}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        jobs = json.load(file)
    answers = []
    for job in jobs:
        answers.append(ids(job) if "ids" in job else train(job) if "train" in job else through_transformers(job))
    json.dump(answers, sys.stdout)


main()
