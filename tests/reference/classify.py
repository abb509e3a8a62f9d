"""Fine-tunes the bundled base model as a text classifier in PyTorch: the losses and predictions that the native code must give.

Regenerate (rewrites fixtures/classify.json): python tests/reference/classify.py
Needs: torch, transformers, tokenizers.

Three recipes on the same 24 sentences, 10 steps of 8:
  plain  `transformers.GPT2ForSequenceClassification` as it is: last token, everything learns, one learning rate
  rich   mean pooling; sentences longer than 12 tokens read in windows of 12 that overlap by 3, the last one ending with the sentence, their
         pooled states averaged; the two lower blocks and the embeddings frozen; learning rate times 0.7 per block downwards, head and last
         norm at the full rate; classes weighted as scikit-learn's "balanced"
  low rank  the body frozen, low-rank adapters (LoRA, arXiv 2106.09685) written out by hand beside all four matrices of every block, rank 4, alpha 8, `B`
         zero, `A` a sine as below; halfway between the last token's state and the mean; learning rate times 0.7 per block downwards
All: AdamW, betas (0.9, 0.999), eps 1e-8, weight decay 0.01 on matrices, gradient norm clipped to 1, no dropout, warm-up of 2 steps, then a
straight line down to a tenth. Loss before each step, learning rates, logits of all sentences after the last step.
"""

import json

import torch
from tokenizers import Tokenizer
from transformers import GPT2ForSequenceClassification

from nano import FOLDER
from small_gpt2 import FIXTURES, rounded

TEXTS = [
    ("The old house by the river was warm and full of light.", 1),
    ("A cold rain fell, and nobody came to help him.", 0),
    ("She laughed, and the children laughed with her.", 1),
    ("The road was long and his feet were sore.", 0),
    ("They found the lost dog at last, alive and well, under the bridge where the boys had been playing all the morning.", 1),
    ("He lost the letter, and with it his last hope.", 0),
    ("What a fine morning!", 1),
    ("The bread was hard and the soup was thin.", 0),
    ("The ship came home.", 1),
    ("The wind broke the mast, and the sea took two men before the others could do anything but hold on and pray.", 0),
    ("Her friends had filled the room with flowers.", 1),
    ("There was no fire, no bread and no candle.", 0),
    ("The garden was in bloom.", 1),
    ("He was sent away without a word.", 0),
    ("They sang until the stars came out.", 1),
    ("Nobody believed her story.", 0),
    ("The doctor smiled and said that the boy would live.", 1),
    ("The dog was ill.", 0),
    ("The lamp went out, and they were afraid.", 0),
    ("All the money was gone.", 0),
    ("It was the worst winter that anybody in the village could remember, and the wolves came down to the very doors.", 0),
    ("He never came back.", 0),
    ("The judge was kind to them.", 1),
    ("The bridge had fallen.", 0),
]
STEPS, BATCH, CLASSES = 10, 8, 2
PEAK, WARMUP, FLOOR = 2e-3, 2, 0.1
WINDOW, OVERLAP, FROZEN, DECAY = 12, 3, 2, 0.7
RANK, ALPHA = 4, 8


class LowRank(torch.nn.Module):
    """A frozen map with an adapter beside it; `number` tells the adapters apart."""

    def __init__(self, frozen, number: int) -> None:
        super().__init__()
        self.frozen = frozen.requires_grad_(False)
        rows, columns = frozen.weight.shape
        places = torch.arange(rows * RANK, dtype=torch.float64).reshape(rows, RANK)
        self.down = torch.nn.Parameter((0.1 * torch.sin(places + 10_000 * number)).float())
        self.up = torch.nn.Parameter(torch.zeros(RANK, columns))

    def forward(self, x):
        return self.frozen(x) + ALPHA / RANK * (x @ self.down @ self.up)


def adapt(model) -> None:
    model.transformer.requires_grad_(False)
    number = 0
    for block in model.transformer.h:
        for part, name in [(block.attn, "c_attn"), (block.attn, "c_proj"), (block.mlp, "c_fc"), (block.mlp, "c_proj")]:
            setattr(part, name, LowRank(getattr(part, name), number))
            number += 1


def rate(step: int) -> float:
    if step < WARMUP:
        return PEAK * (step + 1) / WARMUP
    return PEAK * (1 - (1 - FLOOR) * (step - WARMUP) / (STEPS - WARMUP - 1))


def windows(ids: list[int]) -> list[list[int]]:
    if len(ids) <= WINDOW:
        return [ids]
    starts = list(range(0, len(ids) - WINDOW, WINDOW - OVERLAP)) + [len(ids) - WINDOW]
    return [ids[start : start + WINDOW] for start in starts]


def plain(model, texts: list[list[int]]) -> torch.Tensor:
    """As the library does it, with padding on the right."""
    longest = max(map(len, texts))
    padded = torch.tensor([ids + [model.config.pad_token_id] * (longest - len(ids)) for ids in texts])
    mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids in texts])
    return model(padded, attention_mask=mask).logits


def rich(model, texts: list[list[int]]) -> torch.Tensor:
    vectors = []
    for ids in texts:
        pooled = [model.transformer(torch.tensor([window])).last_hidden_state[0].mean(0) for window in windows(ids)]
        vectors.append(torch.stack(pooled).mean(0))
    return model.score(torch.stack(vectors))


def both(model, texts: list[list[int]]) -> torch.Tensor:
    states = [model.transformer(torch.tensor([ids])).last_hidden_state[0] for ids in texts]
    return model.score(torch.stack([(own[-1] + own.mean(0)) / 2 for own in states]))


def groups(model, decays: bool) -> list[dict]:
    layers = model.config.n_layer
    found: dict[tuple[float, bool], list] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        scale = 1.0
        if decays and name.startswith("transformer.h."):
            scale = DECAY ** (layers - int(name.split(".")[2]))
        found.setdefault((scale, parameter.ndim >= 2), []).append(parameter)
    return [{"params": list_, "scale": scale, "weight_decay": 0.01 if matrix else 0.0} for (scale, matrix), list_ in found.items()]


def train(score: torch.Tensor, all_ids: list[list[int]], labels: torch.Tensor, batches: list[list[int]], recipe: str) -> dict:
    model = GPT2ForSequenceClassification.from_pretrained(FOLDER, num_labels=CLASSES, dtype=torch.float32)
    model.config.pad_token_id = Tokenizer.from_file(str(FOLDER / "tokenizer.json")).token_to_id("<|endoftext|>")
    assert model.config.pad_token_id is not None and all(model.config.pad_token_id not in ids for ids in all_ids)
    model.train()
    with torch.no_grad():
        model.score.weight.copy_(score)
    weight = None
    if recipe == "low_rank":
        adapt(model)
    if recipe == "rich":
        model.transformer.wte.requires_grad_(False)
        model.transformer.wpe.requires_grad_(False)
        for block in model.transformer.h[:FROZEN]:
            block.requires_grad_(False)
        counts = torch.bincount(labels, minlength=CLASSES)
        weight = len(labels) / (CLASSES * counts.float())
    forward = {"plain": plain, "rich": rich, "low_rank": both}[recipe]
    optimizer = torch.optim.AdamW(groups(model, recipe != "plain"), lr=PEAK, betas=(0.9, 0.999), eps=1e-8)
    losses, norms = [], []
    for step, batch in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = rate(step) * group["scale"]
        optimizer.zero_grad()
        logits = forward(model, [all_ids[number] for number in batch])
        loss = torch.nn.functional.cross_entropy(logits, labels[batch], weight=weight)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0).item())
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        logits = forward(model, all_ids)
    print(recipe, [round(loss, 4) for loss in losses])
    return {"losses": losses, "norms": norms, "logits": rounded(logits.flatten()), "predictions": logits.argmax(1).tolist()}


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(1)
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    all_ids = [tokenizer.encode(text, add_special_tokens=False).ids for text, _ in TEXTS]
    labels = torch.tensor([label for _, label in TEXTS])
    generator = torch.Generator().manual_seed(2)
    score = torch.randn(CLASSES, 128, generator=generator) * 0.02
    order: list[int] = []
    while len(order) < STEPS * BATCH:
        order += torch.randperm(len(TEXTS), generator=generator).tolist()
    batches = [order[step * BATCH : (step + 1) * BATCH] for step in range(STEPS)]
    fixture = {
        "made_with": f"torch {torch.__version__}",
        "texts": [text for text, _ in TEXTS],
        "ids": all_ids,
        "labels": labels.tolist(),
        "batches": batches,
        "score": [float(value) for value in score.flatten()],
        "rates": [rate(step) for step in range(STEPS)],
        "plain": train(score, all_ids, labels, batches, "plain"),
        "rich": train(score, all_ids, labels, batches, "rich"),
        "low_rank": train(score, all_ids, labels, batches, "low_rank"),
    }
    (FIXTURES / "classify.json").write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
