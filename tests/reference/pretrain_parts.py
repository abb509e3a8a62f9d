"""Checks of the parts of pretrain/ on texts a few lines long. Run by pretrain.rs; by hand: python tests/reference/pretrain_parts.py"""

import json
import math
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2LMHeadModel

sys.path.insert(0, str(Path(__file__).parents[2] / "pretrain"))

import baselines
import grow
import network
import optimise
import text
import tokenise
import windows


class Cleaning(unittest.TestCase):
    def test_three_layouts_of_one_book_become_the_same_text(self):
        paragraphs = ["It was late, and the wind had gone round to the north, when the boat came in and nobody on the quay had seen it pass the light that evening at all.", "\"Late,\" he said.",
                      "She had nothing to say to that, and so she said nothing, and they walked up the hill together in the dark."]
        wanted = "\n\n".join(paragraphs) + "\n"
        wrapped = []
        for paragraph in paragraphs * 20:
            words, line = paragraph.split(), ""
            for word in words:
                if len(line) + len(word) > 60:
                    wrapped.append(line.strip())
                    line = ""
                line += word + " "
            wrapped += [line.strip(), ""]
        self.assertEqual(text.clean_prose("\n".join(wrapped), {}), "\n\n".join(paragraphs * 20) + "\n")
        self.assertEqual(text.clean_prose("\n".join(paragraphs), {}), wanted)
        self.assertEqual(text.clean_prose("\r\n\r\n".join(paragraphs), {}), wanted)

    def test_options_of_a_source(self):
        source = {"plain_quotes": True, "dash": " - ", "drop_paragraphs": "^###"}
        self.assertEqual(text.clean_prose("### head\n\n“It’s _so_”--or  not—no", source), "\"It's so\" - or not - no\n")


class Gathering(unittest.TestCase):
    def gather(self, files: dict, sources: list) -> text.Documents:
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                (Path(folder) / name).write_text(content, encoding="utf-8")
            return text.gather({"seed": 1, "source": sources}, Path(folder))

    def test_what_repeats_a_held_back_book_is_left_out(self):
        rng = np.random.default_rng(0)
        words = ["".join(map(chr, 97 + rng.integers(26, size=5))) for _ in range(3000)]
        held, other = " ".join(words[:1000]), " ".join(words[1000:])
        # The same words in another layout, with a preface.
        again = "A new edition.\n\n" + held.upper().replace(" ", "\n", 300)
        files = {"held.txt": held, "again.txt": again, "other.txt": other, "zzz.txt": other + "\n\nThe end."}
        documents = self.gather(files, [{"name": "books", "path": "*.txt", "hold_back_files": ["held.txt"]}])
        self.assertEqual(documents.train, [other + "\n"])
        self.assertEqual(documents.held_back, {"books": [held + "\n"]})
        self.assertEqual(documents.report["books"]["duplicates"], 2)

    def test_whole_poets_are_held_back(self):
        poems = [f"title {index}\npoet {index % 200}\n{chr(0x4E00 + index) * 20}\n" for index in range(400)]
        documents = self.gather({"poems.txt": "\n".join(poems)}, [{"name": "p", "path": "poems.txt", "kind": "poems", "hold_back_authors": 0.05}])
        held = {text.author(poem) for poem in documents.held_back["p"]}
        trained = {text.author(poem) for volume in documents.train for poem in volume.split("\n\n")}
        self.assertGreaterEqual(len(documents.held_back["p"]), 20)
        self.assertFalse(held & trained)
        self.assertEqual(len(held) + len(trained), 200)

    def test_an_excerpt_of_a_long_text_is_left_out_and_a_quotation_is_not(self):
        rng = np.random.default_rng(0)
        words = ["".join(map(chr, 97 + rng.integers(26, size=5))) for _ in range(3000)]
        long, other = " ".join(words[:1500]), words[1500:]
        excerpts = [" ".join(words[start : start + 40]) for start in range(0, 1400, 100)]
        quoting = [" ".join(words[start : start + 6] + other[start : start + 60]) for start in range(0, 1400, 100)]
        files = {"a.txt": long} | {f"b{n:02}.txt": text for n, text in enumerate(excerpts)} | {f"c{n:02}.txt": text for n, text in enumerate(quoting)}
        for held in ([], ["a.txt"]):
            documents = self.gather(files, [{"name": "all", "path": "*.txt", "hold_back_files": held}])
            self.assertEqual(documents.report["all"]["duplicates"], len(excerpts))
            self.assertEqual(documents.train[-len(quoting) :], [text + "\n" for text in quoting])

    def test_what_cannot_be_held_back_is_said(self):
        files = {"a.txt": "one\n", "poems.txt": "title\npoet\nline\n"}
        for source, said in (
            ({"path": "a.txt", "hold_back_files": ["b.txt"]}, "b.txt"),
            ({"path": "poems.txt", "kind": "poems", "hold_back_named": ["Poet"]}, "Poet"),
            ({"path": "a.txt", "kind": "lines", "hold_back_tail": 0.5}, "nothing of a.txt"),
        ):
            with self.assertRaisesRegex(ValueError, said):
                self.gather(files, [{"name": "a", **source}])

    def test_a_line_of_json_ends_at_a_line_feed_alone(self):
        rows = [{"text": "one\u2028two\x85three"}, {"text": "four"}]
        lines = "\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"
        self.assertEqual(text.json_lines(lines), rows)

    def test_the_end_of_a_long_text_is_held_back(self):
        lines = "".join(f"line {index}\n" for index in range(100))
        documents = self.gather({"a.txt": lines}, [{"name": "a", "path": "a.txt", "kind": "lines", "hold_back_tail": 0.1}])
        self.assertEqual(documents.train[0] + documents.held_back["a"][0], lines)
        self.assertAlmostEqual(len(documents.held_back["a"][0]) / len(lines), 0.1, delta=0.02)


class Tokens(unittest.TestCase):
    def test_a_long_text_in_pieces_is_the_text(self):
        content = "".join(f"Line {index} of it,\n\n  indented and so on.\n" for index in range(200))
        pieces = tokenise.pieces(content, 300)
        self.assertEqual("".join(pieces), content)
        with tempfile.TemporaryDirectory() as folder:
            tokenizer = tokenise.learn([content], 300, Path(folder) / "t.json")
        whole = tokenizer.encode(content).ids
        self.assertEqual([i for piece in pieces for i in tokenizer.encode(piece).ids], whole)
        self.assertEqual(tokenise.encode(tokenizer, [content]).tolist(), [0] + whole)

    def test_the_token_between_texts_is_the_tokenizers_own(self):
        tokenizer = Tokenizer(models.WordLevel({"?": 0, "a": 1, tokenise.END: 2}, unk_token="?"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        self.assertEqual(tokenise.encode(tokenizer, ["a", "a"]).tolist(), [2, 1, 2, 1])
        with self.assertRaisesRegex(SystemExit, "no token"):
            tokenise.encode(Tokenizer(models.WordLevel({"?": 0, "a": 1}, unk_token="?")), ["a"])


class Training(unittest.TestCase):
    def test_every_epoch_reads_every_window_once_and_repeatably(self):
        stream = np.arange(1001, dtype=np.uint16)
        cut = windows.Windows(stream, 10, seed=3)
        inputs, targets = cut.batch(0, cut.per_epoch)
        self.assertEqual(len({int(row[0]) for row in inputs}), cut.per_epoch)
        self.assertTrue(bool((targets == inputs + 1).all()))
        again, _ = windows.Windows(stream, 10, seed=3).batch(37, 5)
        self.assertTrue(bool((again == inputs[37:42]).all()))

    def test_a_text_is_measured_to_its_end(self):
        torch.manual_seed(1)
        model = network.new_model({"n_layer": 1, "n_head": 2, "n_embd": 8, "n_positions": 8}, 50).eval()
        for weight in model.parameters():
            torch.nn.init.normal_(weight, 0.0, 0.3)
        module = network.WithLoss(model)
        # Shorter than a window; whole windows; whole batches and a rest.
        for count in (2, 9, 17, 40, 43):
            stream = np.random.default_rng(count).integers(50, size=count).astype(np.uint16)
            ids = torch.from_numpy(stream.astype(np.int64))
            with torch.no_grad():
                windows_of_it = [(ids[at : at + 8], ids[at + 1 : at + 9]) for at in range(0, count - 1, 8)]
                total = sum(float(module(inputs[None, : len(targets)], targets[None])) * len(targets) for inputs, targets in windows_of_it)
            self.assertAlmostEqual(windows.mean_loss(module, stream, 8, model.device, batch=2), total / (count - 1), places=5)
        with self.assertRaisesRegex(ValueError, "cannot be measured"):
            windows.mean_loss(module, ids[:1].numpy(), 8, model.device)

    def test_schedules(self):
        wsd = {"schedule": "wsd", "warmup": 0.1, "decay": 0.2}
        self.assertEqual([round(optimise.rate(step, 100, wsd), 3) for step in (0, 9, 10, 79, 80, 90, 99)], [0.1, 1, 1, 1, 1, 0.5, 0.05])
        cosine = {"schedule": "cosine", "warmup": 0.1}
        self.assertAlmostEqual(optimise.rate(55, 100, cosine), 0.55)
        self.assertAlmostEqual(optimise.rate(100, 100, cosine), 0.1)


class Growing(unittest.TestCase):
    def model(self, layers: int, width: int, positions: int) -> GPT2LMHeadModel:
        shape = {"n_layer": layers, "n_head": 2, "n_embd": width, "n_positions": positions}
        torch.manual_seed(layers)
        model = network.new_model(shape, 50).eval()
        for weight in model.parameters():
            # Norms and biases that are not ones and zeros, and weights large enough to matter.
            torch.nn.init.normal_(weight, 0.0, 0.3)
        return model

    def test_the_grown_model_says_the_same(self):
        small, large = self.model(2, 8, 6), self.model(5, 16, 12)
        grow.grow(small, large, seed=3)
        ids = torch.randint(0, 50, (3, 6))
        with torch.no_grad():
            wanted, found = small(ids).logits, large(ids).logits
        self.assertGreater(wanted.std(), 0.1)
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)

    def test_the_doubles_learn_different_things(self):
        large = self.model(2, 16, 6)
        grow.grow(self.model(2, 8, 6), large, seed=3)
        optimizer = torch.optim.SGD(large.parameters(), lr=0.1)
        for _ in range(3):
            ids = torch.randint(0, 50, (3, 6))
            large(ids, labels=ids).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        block = large.transformer.h[0]
        for name, weight in (("embedding", large.transformer.wte.weight), ("hidden", block.mlp.c_fc.weight), ("out", block.attn.c_proj.weight)):
            one, other = weight.chunk(2, dim=-1)
            self.assertTrue(((one - other).abs().amax(dim=0) > 1e-6).all(), name)

    def test_shapes_that_do_not_fit_are_refused(self):
        with self.assertRaisesRegex(ValueError, "cannot grow"):
            grow.grow(self.model(2, 8, 6), self.model(2, 12, 6), seed=1)


class KneserNey(unittest.TestCase):
    def test_probabilities_sum_to_one_and_equal_the_formula(self):
        rng = np.random.default_rng(1)
        vocabulary = 7
        stream = rng.choice(vocabulary, size=4000, p=np.array([8, 4, 2, 2, 1, 1, 0.2]) / 18.2).astype(np.uint16)
        grams = baselines.KneserNey(stream, vocabulary)
        for context in ([0, 1, 0, 2], [6, 6, 6, 6], [3, 0, 0, 0], [5, 1, 6, 2]):
            total = sum(grams.probabilities(np.array(context + [token]))[-1] for token in range(vocabulary))
            self.assertAlmostEqual(total, 1.0, places=9)
        # The lowest order, worked out from the definition.
        left = Counter(b for _, b in {(int(a), int(b)) for a, b in zip(stream, stream[1:])})
        counts = np.array([left[token] for token in range(vocabulary)])
        # Seven tokens are too few for the counts of counts: the fall-back's discounts.
        taken = np.array([[0.0, 0.5, 1.0, 1.5][min(int(count), 3)] for count in counts])
        lowest = (counts - taken) / counts.sum() + taken.sum() / counts.sum() / vocabulary
        found = [grams.probabilities(np.array([token]))[0] for token in range(vocabulary)]
        np.testing.assert_allclose(found, lowest, atol=1e-12)

    def test_a_repeated_text_is_foreseen(self):
        stream = np.tile(np.arange(50, dtype=np.uint16), 40)
        grams = baselines.KneserNey(stream, 60)
        bits = -np.log2(grams.probabilities(stream[:200])[10:]).mean()
        self.assertLess(bits, 0.2)
        self.assertGreater(-np.log2(grams.probabilities(np.array([3, 1, 4, 1, 5])))[1:].mean(), math.log2(20))


if __name__ == "__main__":
    unittest.main()
