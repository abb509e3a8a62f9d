"""Fine-tunes the bundled base model on words with tags and on questions with answers in PyTorch: the losses and answers that the native code must give.

Regenerate (rewrites fixtures/tokens.json): python tests/reference/tokens.py
Needs: torch, transformers, tokenizers.

Four recipes, 10 steps of 6 each:
  tags     `transformers.GPT2ForTokenClassification`, its bias held at zero and without dropout; the tag on the last token of each word
  balanced the same as tags, weighted as scikit-learn's "balanced"
  windows  as tags, but sentences longer than 8 tokens read in windows of 8 that overlap by 2, the last one ending with the sentence, each token counted
           in the first window that reads it; tags weighted as scikit-learn's "balanced"; the lower two blocks and the embeddings frozen
  answers  `transformers.GPT2LMHeadModel`; the loss on the answer and its end only (labels -100 elsewhere); afterwards the greedy answer to each prompt
All: AdamW, betas (0.9, 0.999), eps 1e-8, weight decay 0.01 on matrices, gradient norm clipped to 1, no dropout, warm-up of 2 steps, then a straight
line down to a tenth. The loss is the mean over all counted tokens of a batch. Losses before each step.
"""

import json

import torch
from tokenizers import Tokenizer
from transformers import GPT2ForTokenClassification, GPT2LMHeadModel

from nano import FOLDER
from small_gpt2 import FIXTURES

TAGS = ["B-person", "B-place", "I-person", "I-place", "O"]
SENTENCES = [
    "Mary/B-person Ann/I-person went/O to/O Oxford/B-place ./O",
    "In/O New/B-place Bridge/I-place it/O rained/O ./O",
    "Old/O Thomas/B-person Cartwright/I-person never/O saw/O the/O river/O Severn/B-place again/O ,/O nor/O did/O he/O wish/O it/O ./O",
    "Nobody/O came/O ./O",
    "She/O wrote/O to/O Margaret/B-person from/O Little/B-place Harrowgate/I-place ./O",
    "Edward/B-person laughed/O ./O",
    "They/O left/O London/B-place with/O Captain/O Featherstonehaugh/B-person and/O his/O dog/O ,/O and/O came/O to/O Bristol/B-place at/O dusk/O ./O",
    "The/O house/O was/O empty/O ./O",
    "John/B-person Barleycorn/I-person met/O Ruth/B-person in/O Ely/B-place ./O",
]
ROWS = [
    ("one two", "two one"),
    ("red blue", "blue red"),
    ("a cat and a dog", "a dog and a cat"),
    ("What is warm?", "The fire."),
    ("What is cold?", "The snow."),
    ("the day", "the night"),
    ("Who came home?", "Nobody did."),
    ("up", "down"),
]
STEPS, BATCH = 10, 6
PEAK, WARMUP, FLOOR = 2e-3, 2, 0.1
WINDOW, OVERLAP, FROZEN = 8, 2, 2
MOST_TOKENS = 8


def rate(step: int) -> float:
    if step < WARMUP:
        return PEAK * (step + 1) / WARMUP
    return PEAK * (1 - (1 - FLOOR) * (step - WARMUP) / (STEPS - WARMUP - 1))


def words_of(tokenizer: Tokenizer, sentence: str) -> tuple[list[int], list[int]]:
    """Ids, and for each the tag of the word that ends with it, or -1."""
    ids: list[int] = []
    targets: list[int] = []
    for number, word in enumerate(sentence.split(" ")):
        text, tag = word.rsplit("/", 1)
        new = tokenizer.encode(text if number == 0 else " " + text, add_special_tokens=False).ids
        ids += new
        targets += [-1] * (len(new) - 1) + [TAGS.index(tag)]
    return ids, targets


def windows(length: int, window: int) -> list[tuple[int, int, int]]:
    """Start, end, first token that counts."""
    found, first = [], 0
    starts = list(range(0, max(length - window, 0), window - OVERLAP)) + [max(length - window, 0)]
    for start in starts:
        end = min(start + window, length)
        found.append((start, end, first))
        first = end
    return found


def train(model, batches, losses_of) -> dict:
    model.train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    learning = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in learning if p.ndim >= 2], "weight_decay": 0.01},
        {"params": [p for p in learning if p.ndim < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=PEAK, betas=(0.9, 0.999), eps=1e-8)
    losses, norms = [], []
    for step, batch in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        optimizer.zero_grad()
        loss = losses_of(model, batch)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(learning, 1.0).item())
        optimizer.step()
        losses.append(loss.item())
    print([round(loss, 4) for loss in losses])
    return {"losses": losses, "norms": norms}


def tagged(score: torch.Tensor, examples: list[tuple[list[int], list[int]]], batches: list[list[int]], rich: bool, balanced: bool) -> dict:
    model = GPT2ForTokenClassification.from_pretrained(FOLDER, num_labels=len(TAGS), dtype=torch.float32)
    with torch.no_grad():
        model.classifier.weight.copy_(score)
        model.classifier.bias.zero_()
    model.classifier.bias.requires_grad_(False)
    weight = None
    if rich:
        model.transformer.wte.requires_grad_(False)
        model.transformer.wpe.requires_grad_(False)
        for block in model.transformer.h[:FROZEN]:
            block.requires_grad_(False)
    if balanced:
        counts = torch.bincount(torch.tensor([t for _, targets in examples for t in targets if t >= 0]), minlength=len(TAGS))
        weight = counts.sum() / (len(TAGS) * counts.float())

    def logits_of(number: int) -> torch.Tensor:
        ids = examples[number][0]
        parts = [
            model(torch.tensor([ids[start:end]])).logits[0][first - start :]
            for start, end, first in windows(len(ids), WINDOW if rich else len(ids))
        ]
        return torch.cat(parts)

    def loss_of(model, batch: list[int]) -> torch.Tensor:
        logits = torch.cat([logits_of(number) for number in batch])
        targets = torch.tensor([target for number in batch for target in examples[number][1]])
        return torch.nn.functional.cross_entropy(logits, targets, weight=weight, ignore_index=-1)

    report = train(model, batches, loss_of)
    with torch.no_grad():
        said = [logits_of(number).argmax(1).tolist() for number in range(len(examples))]
    report["predictions"] = [
        [tag for tag, target in zip(tags, targets) if target >= 0] for tags, (_, targets) in zip(said, examples)
    ]
    return report


def answered(rows: list[tuple[list[int], list[int]]], batches: list[list[int]], end: int) -> dict:
    model = GPT2LMHeadModel.from_pretrained(FOLDER, dtype=torch.float32)

    def loss_of(model, batch: list[int]) -> torch.Tensor:
        longest = max(len(prompt) + len(answer) for prompt, answer in (rows[number] for number in batch))
        ids, labels = [], []
        for prompt, answer in (rows[number] for number in batch):
            rest = longest - len(prompt) - len(answer)
            ids.append(prompt + answer + [end] * rest)
            labels.append([-100] * len(prompt) + answer + [-100] * rest)
        return model(torch.tensor(ids), labels=torch.tensor(labels)).loss

    report = train(model, batches, loss_of)
    model.eval()
    report["answers"] = []
    for prompt, _ in rows:
        ids = torch.tensor([prompt])
        with torch.no_grad():
            written = model.generate(
                ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=MOST_TOKENS, eos_token_id=end, pad_token_id=end
            )
        report["answers"].append([id for id in written[0, len(prompt) :].tolist() if id != end])
    return report


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(1)
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    end = tokenizer.token_to_id("<|endoftext|>")
    generator = torch.Generator().manual_seed(3)
    score = torch.randn(len(TAGS), 128, generator=generator) * 0.02

    def deal(rows: int) -> list[list[int]]:
        order: list[int] = []
        while len(order) < STEPS * BATCH:
            order += torch.randperm(rows, generator=generator).tolist()
        return [order[step * BATCH : (step + 1) * BATCH] for step in range(STEPS)]

    examples = [words_of(tokenizer, sentence) for sentence in SENTENCES]
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    rows = [(encode(source) + encode("\n=>"), encode(" " + answer) + [end]) for source, answer in ROWS]
    tag_batches, answer_batches = deal(len(examples)), deal(len(rows))
    fixture = {
        "made_with": f"torch {torch.__version__}",
        "tags": TAGS,
        "sentences": SENTENCES,
        "ids": [ids for ids, _ in examples],
        "targets": [targets for _, targets in examples],
        "score": [float(value) for value in score.flatten()],
        "rates": [rate(step) for step in range(STEPS)],
        "tag_batches": tag_batches,
        "plain": tagged(score, examples, tag_batches, False, False),
        "balanced": tagged(score, examples, tag_batches, False, True),
        "windows": tagged(score, examples, tag_batches, True, True),
        "rows": ROWS,
        "prompts": [prompt for prompt, _ in rows],
        "row_answers": [answer for _, answer in rows],
        "answer_batches": answer_batches,
        "most_tokens": MOST_TOKENS,
        "answers": answered(rows, answer_batches, end),
    }
    (FIXTURES / "tokens.json").write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
