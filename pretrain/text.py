"""Text files to clean documents: read, clean, hold back, remove duplicates.

In: the `[[source]]` tables of a configuration. Out: a list of documents to train on and named texts that are held back. Nothing here
knows about tokens or models.
"""

import glob
import json
import os
import random
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


# Shorter texts, in letters, are compared by every run of letters, longer ones by a sample.
SHORT = 2000


@dataclass
class Documents:
    train: list[str] = field(default_factory=list)
    # Name of a held-back set -> its documents.
    held_back: dict[str, list[str]] = field(default_factory=dict)
    # What was done, in numbers, for the model card.
    report: dict[str, dict] = field(default_factory=dict)


def resolve(path: str, folder: Path) -> list[str]:
    """Files that a pattern names: environment variables are filled in, a relative path starts at the configuration's folder."""
    pattern = os.path.expandvars(path)
    return sorted(glob.glob(str(folder / pattern)))


def json_lines(text: str) -> list[dict]:
    """One object a line. Only a line feed ends a line: JSON leaves other separators as they are inside its strings."""
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def paragraphs(text: str) -> list[str]:
    """Paragraphs of a plain text, whichever of the three usual layouts it has: blank lines between, one a line, or wrapped lines."""
    lines = text.split("\n")
    lengths = sorted(len(line) for line in lines if line.strip())
    if not lengths:
        return []
    widest = lengths[int(len(lengths) * 0.97)]
    wrapped = widest < 120 and lengths[len(lengths) // 2] > 0.6 * widest
    if not wrapped:
        return [line for line in lines if line.strip()]
    blanks = sum(not line.strip() for line in lines)
    marked = blanks > 0.03 * len(lines)
    out, current = [], []
    for line in lines:
        if line.strip():
            current.append(line.strip())
        # Without blank lines a paragraph ends at a short line that ends a sentence.
        ends = not marked and len(line) < 0.75 * widest and line.rstrip()[-1:] in ".!?\"':"
        if current and (not line.strip() or ends):
            out.append(" ".join(current))
            current = []
    if current:
        out.append(" ".join(current))
    return out


def clean_prose(text: str, source: dict) -> str:
    """Prose as one paragraph a line with a blank line between, quotes and dashes as the source's options say."""
    text = text.replace("\r\n", "\n").replace("\xa0", " ")
    if source.get("plain_quotes"):
        text = text.translate(str.maketrans("“”„‘’`", "\"\"\"'''"))
    if dash := source.get("dash"):
        text = re.sub(r"[ \t]*(?:--+|—)[ \t]*", dash, text)
    text = re.sub(r"\b_|_\b", "", text)
    drop = re.compile(source["drop_paragraphs"]) if "drop_paragraphs" in source else None
    kept = []
    for paragraph in paragraphs(text):
        paragraph = re.sub(r"\s+", " ", paragraph).strip()
        if paragraph and not (drop and drop.search(paragraph)):
            kept.append(paragraph)
    return "\n\n".join(kept) + "\n"


def clean_lines(text: str) -> str:
    """Text whose lines mean something (verse, Chinese prose with a paragraph a line): only the ends of lines are touched."""
    lines = [re.sub(r"[ \t\u3000]+$", "", line) for line in text.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def read_source(source: dict, folder: Path) -> list[tuple[str, str]]:
    """(name, cleaned text) of every document of a source."""
    out = []
    files = resolve(source["path"], folder)
    if not files:
        raise FileNotFoundError(f"no file matches {source['path']} (from {folder})")
    for path in files:
        raw = unicodedata.normalize("NFC", Path(path).read_text(encoding="utf-8-sig"))
        kind = source.get("kind", "prose")
        if kind == "prose":
            out.append((Path(path).name, clean_prose(raw, source)))
        elif kind == "chunks":
            # JSON lines whose texts continue each other.
            text = "\n".join(row["text"] for row in json_lines(raw))
            out.append((Path(path).name, clean_prose(text, source)))
        elif kind == "lines":
            out.append((Path(path).name, clean_lines(raw)))
        elif kind == "poems":
            # Records with a blank line between: title, author, lines.
            out += [(Path(path).name, clean_lines(record)) for record in re.split(r"\n\s*\n", raw) if record.strip()]
        elif kind == "poems-jsonl":
            out += [(Path(path).name, clean_lines(f"{row['title']}\n{row['author']}\n{row['text']}")) for row in json_lines(raw)]
        else:
            raise ValueError(f"unknown kind of source: {kind}")
    return out


def author(poem: str) -> str:
    return poem.split("\n")[1].strip() if poem.count("\n") > 1 else ""


def held_back_authors(poems: list[str], share: float, seed: int) -> set[str]:
    """Whole authors, drawn by seed, that together wrote at least `share` of the poems."""
    counts: dict[str, int] = {}
    for poem in poems:
        counts[author(poem)] = counts.get(author(poem), 0) + 1
    names = sorted(counts)
    random.Random(seed).shuffle(names)
    chosen, total = set(), 0
    for name in names:
        if total >= share * len(poems):
            break
        # The few who wrote a large part of everything are for training.
        if counts[name] <= 0.01 * len(poems):
            chosen.add(name)
            total += counts[name]
    return chosen


def shingles(text: str, every: int = 8, length: int = 24) -> set[int]:
    """A sample of the hashes of all runs of `length` letters, the same runs in every text: those whose hash is divisible by `every`."""
    letters = np.frombuffer(re.sub(r"[\W_]+", "", text.lower()).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    runs = len(letters) - length + 1
    if runs < 1:
        return set()
    hashes = np.zeros(runs, dtype=np.uint64)
    for offset in range(length):
        # A polynomial in an odd number, modulo 2^64.
        hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + letters[offset : offset + runs]
    hashes ^= hashes >> np.uint64(29)
    return set(hashes[hashes % np.uint64(every) == 0].tolist())


@dataclass
class Seen:
    """Runs of letters of the texts so far: all of the short ones', a sample of the long ones'."""

    short: set[int] = field(default_factory=set)
    long: set[int] = field(default_factory=set)

    def add(self, text: str) -> None:
        if len(text) < SHORT:
            self.short |= shingles(text, every=1)
        else:
            self.long |= shingles(text)

    def repeats(self, text: str) -> bool:
        """Whether a third of a text stands in earlier ones: a quotation is no duplicate."""
        if len(text) >= SHORT:
            marks = shingles(text)
            return len(marks & self.long | marks & self.short) > 0.3 * len(marks)
        # Of a long text only a sample is known, so only the same sample of this one can be found there.
        marks, sample = shingles(text, every=1), shingles(text)
        return len(marks & self.short) > 0.3 * len(marks) or len(sample & self.long) > 0.3 * len(sample)


def gather(config: dict, folder: Path) -> Documents:
    """All sources of a configuration: held-back texts set aside first, then every document that repeats one of those or an earlier document
    dropped."""
    documents = Documents()
    kept: list[tuple[dict, str]] = []
    for source in config["source"]:
        read = read_source(source, folder)
        name = source["name"]
        counted = {"documents": len(read), "held_back": 0, "duplicates": 0, "bytes": 0}
        documents.report[name] = counted
        files = set(source.get("hold_back_files", []))
        by_author = set()
        if share := source.get("hold_back_authors"):
            by_author = held_back_authors([text for _, text in read], share, config["seed"])
            counted["held_back_authors"] = len(by_author)
        named = set(source.get("hold_back_named", []))
        by_author |= named
        # A name misspelt would be trained on.
        if unknown := files - {file for file, _ in read} | named - {author(text) for _, text in read}:
            raise ValueError(f"source {name}: nothing to hold back is called {', '.join(sorted(unknown))}")
        tail = source.get("hold_back_tail", 0.0)
        for file, text in read:
            into = source.get("held_back_as", name)
            if file in files or (by_author and author(text) in by_author):
                documents.held_back.setdefault(into, []).append(text)
                counted["held_back"] += 1
            elif tail:
                # The end of a long text, cut at a line.
                cut = text.rfind("\n", 0, int(len(text) * (1 - tail))) + 1
                if not text[:cut].strip():
                    raise ValueError(f"source {name}: hold_back_tail = {tail} would leave nothing of {file} to train on")
                documents.held_back.setdefault(into, []).append(text[cut:])
                kept.append((source, text[:cut]))
            else:
                kept.append((source, text))
    seen = Seen()
    for texts in documents.held_back.values():
        for text in texts:
            seen.add(text)
    records: list[str] = []
    for source, text in kept:
        counted = documents.report[source["name"]]
        if seen.repeats(text):
            counted["duplicates"] += 1
            continue
        seen.add(text)
        counted["bytes"] += len(text.encode())
        if source.get("kind", "prose").startswith("poems"):
            records.append(text)
        else:
            documents.train.append(text)
    # Poems come together in volumes, in an order drawn by seed, with a blank line between.
    random.Random(config["seed"]).shuffle(records)
    documents.train += ["\n".join(records[i : i + 50]) for i in range(0, len(records), 50)]
    return documents
