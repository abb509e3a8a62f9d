"""Checks of how pretrain/ goes about a run: what it reads and refuses, how it is shared, ended and continued, and what the card says of it.

Run by pretrain.rs; by hand: python tests/reference/pretrain_runs.py
"""

import json
import signal
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "pretrain"))

import card
import curve
import evaluate
import export
import grow
import network
import pretrain
import tokenise
import train

SHAPE = {"n_layer": 1, "n_head": 2, "n_embd": 8, "n_positions": 8}


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


class Configurations(Folder):
    SOURCE = {"name": "a", "path": "*.txt", "licence": "CC0"}

    def test_a_source_without_name_or_licence_is_refused(self):
        path = self.folder / "a.toml"
        for source, accepted in (("name = 'a'\nlicence = 'CC0'", True), ("name = 'a'", False), ("licence = 'CC0'", False), ("", False)):
            path.write_text(f"[train]\n{source and '[[source]]'}\n{source}\n", encoding="utf-8")
            if accepted:
                self.assertEqual(pretrain.read(path)["source"][0]["name"], "a")
            else:
                with self.assertRaisesRegex(SystemExit, "licence"):
                    pretrain.read(path)

    def test_a_changed_configuration_does_not_take_what_another_prepared(self):
        config = {"source": [self.SOURCE], "tokenizer": {"vocab_size": 300}, "seed": 1}
        self.assertFalse(pretrain.check(config, self.folder))
        prepared = self.folder / "prepared.json"
        prepared.write_text(json.dumps({"made_from": pretrain.made_from(config)}), encoding="utf-8")
        self.assertTrue(pretrain.check(config, self.folder))
        self.assertTrue(pretrain.check(config | {"source": [self.SOURCE | {"licence": "CC0 1.0"}]}, self.folder))
        for change in ({"seed": 2}, {"tokenizer": {"vocab_size": 301}}, {"source": [self.SOURCE | {"hold_back_tail": 0.1}]}):
            with self.assertRaisesRegex(SystemExit, next(iter(change))):
                pretrain.check(config | change, self.folder)
        # From before this was noted.
        prepared.write_text("{}", encoding="utf-8")
        self.assertTrue(pretrain.check(config | {"seed": 2}, self.folder))


class Runs(Folder):
    def test_a_step_is_the_same_batch_however_many_processes_share_it(self):
        setting = {"batch": 32, "micro_batch": 8}
        self.assertEqual([train.portions(setting, processes) for processes in (1, 2, 4, 8, 32)], [(8, 4), (8, 2), (8, 1), (4, 1), (1, 1)])
        for processes in (3, 64):
            with self.assertRaisesRegex(SystemExit, "no multiple"):
                train.portions(setting, processes)

    def test_noise_is_another_for_every_step_and_process(self):
        seeds = {train.noise_seed(seed, step, process) for seed in (1, 2**40) for step in range(20) for process in range(4)}
        self.assertEqual(len(seeds), 160)
        self.assertLess(max(seeds), 2**32)

    def test_a_longer_run_goes_back_to_where_the_rate_was_level(self):
        falling = {"undecayed": False, "step": 90, "steps": 100}
        self.assertTrue(train.goes_back(falling, 120))
        self.assertFalse(train.goes_back(falling, 100))
        self.assertFalse(train.goes_back(falling | {"undecayed": True}, 120))

    def test_being_asked_to_end_is_noted_and_then_forgotten(self):
        before = signal.getsignal(signal.SIGTERM)
        with train.until_asked() as asked:
            self.assertEqual(asked, [])
            signal.raise_signal(signal.SIGTERM)
            self.assertEqual(asked, [signal.SIGTERM])
        self.assertEqual(signal.getsignal(signal.SIGTERM), before)

    def test_a_curve_leaves_out_what_a_discarded_stretch_had(self):
        steps = [(10, 5.0), (20, 4.0), (25, 3.0), (30, 2.0), (20, 4.1), (40, 3.5)]
        lines = "\n".join(json.dumps({"step": step, "loss": loss}) for step, loss in steps)
        (self.folder / "history.jsonl").write_text(lines + "\n\n", encoding="utf-8")
        self.assertEqual([(line["step"], line["loss"]) for line in curve.read(self.folder)], [(10, 5.0), (20, 4.1), (40, 3.5)])

    def test_a_model_is_continued_or_refused(self):
        old = network.new_model(SHAPE, 50, end=3)
        old.save_pretrained(self.folder)
        new = network.new_model(SHAPE, 50, end=3)
        grow.begin(new, self.folder, seed=1)
        for one, other in zip(old.parameters(), new.parameters()):
            torch.testing.assert_close(one, other)
        with self.assertRaisesRegex(SystemExit, "vocab_size = 50, this model 51"):
            grow.begin(network.new_model(SHAPE, 51), self.folder, seed=1)
        config = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        (self.folder / "config.json").write_text(json.dumps(config | {"activation_function": "relu"}), encoding="utf-8")
        with self.assertRaisesRegex(SystemExit, "activation_function = relu"):
            grow.begin(new, self.folder, seed=1)
        with self.assertRaisesRegex(SystemExit, "no model folder"):
            grow.begin(new, self.folder / "none", seed=1)


class Cards(Folder):
    def test_where_it_began(self):
        config = {"model": SHAPE, "train": {}}
        self.assertEqual(card.begun(config), "")
        start = self.folder / "model"
        start.mkdir()
        (start / "config.json").write_text('{"n_embd": 4}', encoding="utf-8")
        config["train"] = {"start_from": start}
        self.assertIn("Begun from `model`, grown from width 4 to 8", card.begun(config))
        (start / "README.md").write_text("---\nlicense: mit\n---\n# the-first\n\n# more\n", encoding="utf-8")
        self.assertIn("Begun from `the-first`, grown", card.begun(config))
        self.assertEqual(card.begun(config | {"card": {"begun": "two others"}}), "Begun from two others; then ")

    def test_what_it_took(self):
        figures = {"spent": {"wall": 3600, "cpu": 7200}, "ran": {"device": "cpu", "processes": 2, "threads": 1}}
        self.assertEqual(card.spent({}, figures), "1.00 hours, 2.00 processor hours (CPU, 2 processes of one thread)")
        figures["ran"] = {"device": "cuda", "processes": 1, "threads": 8}
        self.assertEqual(card.spent({"card": {"device": "a laptop"}}, figures), "1.00 hours, 2.00 processor hours (GPU, one process; a laptop)")
        # A checkpoint of before this was noted.
        self.assertEqual(card.spent({}, figures | {"ran": None}), "1.00 hours, 2.00 processor hours")

    def test_shorter_windows_are_said(self):
        config = {"model": SHAPE, "train": {"schedule": "wsd", "decay": 0.25, "window": 4}}
        figures = {"step": 100, "steps": 100, "tokens": 4_000_000}
        self.assertEqual(card.windows(config, figures), " Windows had 4 tokens until 3.0 M tokens, 8 from there.")
        self.assertEqual(card.windows(config, figures | {"step": 50}), " Windows had 4 tokens.")
        config["train"].pop("window")
        self.assertEqual(card.windows(config, figures), "")

    def test_a_language_without_set_phrases_begins_with_its_own_texts(self):
        tokenizer = tokenise.learn(["Arma virumque cano"], 300, self.folder / "tokenizer.json")
        held = self.folder / "held_back.json"
        held.write_text(json.dumps({"a": ["Gallia est omnis divisa in partes tres\n"], "b": ["\n", "天地玄黃宇宙洪荒日月"]}), encoding="utf-8")
        np.save(self.folder / "train.npy", tokenise.encode(tokenizer, ["Arma virumque cano"]))
        self.assertEqual(export.prompts({"language": "la"}, self.folder, tokenizer), ["Gallia est omnis", "天地玄黃宇宙洪荒", "Arma virumque"])
        held.write_text("{}", encoding="utf-8")
        self.assertEqual(export.prompts({}, self.folder, tokenizer), ["Arma virumque"])
        self.assertEqual(export.prompts({"language": "en"}, self.folder, tokenizer), evaluate.PROMPTS["en"])


if __name__ == "__main__":
    unittest.main()
