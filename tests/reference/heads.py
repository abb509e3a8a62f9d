"""Fine-tunes the bundled base model in PyTorch for the tasks beside plain classification: the losses and outputs that the native code must give.

Regenerate (rewrites fixtures/heads.json): python tests/reference/heads.py
Needs: torch, transformers, tokenizers.

`transformers.GPT2ForSequenceClassification` with the sentences, batches, AdamW and schedule of classify.py, everything learning:
  pair     two sentences with a line feed between them, to whether they are of one mood: `cross_entropy`
  pair_apart  the same two, each read for itself, and a head over both vectors, their distance and their product, written out here
  several  a sentence to any of three properties: `binary_cross_entropy_with_logits`
  several_balanced  the same with `pos_weight`, rows without over rows with the property, over all rows
  score    a sentence to its number of words, standardised over all rows (over n): `mse_loss`
Loss before each step; outputs of all rows after the last.
"""

import json
from functools import partial

import torch
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import GPT2ForSequenceClassification

from classify import BATCH, PEAK, STEPS, TEXTS, groups, plain, rate
from nano import FOLDER
from small_gpt2 import FIXTURES, rounded


def apart(model, pairs):
    """Logits of pairs: the head over `[u, v, |u - v|, u * v]` of the last tokens' states."""
    first, second = (torch.stack([model.transformer(torch.tensor([ids])).last_hidden_state[0, -1] for ids in texts]) for texts in zip(*pairs))
    return torch.cat([first, second, (first - second).abs(), first * second], 1) @ model.score.weight.T


def train(all_ids, targets, score, batches, loss_of, logits_of=plain):
    model = GPT2ForSequenceClassification.from_pretrained(FOLDER, num_labels=score.shape[0], dtype=torch.float32)
    model.config.pad_token_id = Tokenizer.from_file(str(FOLDER / "tokenizer.json")).token_to_id("<|endoftext|>")
    model.train()
    model.score.weight = torch.nn.Parameter(score.clone())
    optimizer = torch.optim.AdamW(groups(model, False), lr=PEAK, betas=(0.9, 0.999), eps=1e-8)
    losses = []
    for step, batch in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        optimizer.zero_grad()
        loss = loss_of(logits_of(model, [all_ids[number] for number in batch]), targets[batch])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        return losses, logits_of(model, all_ids)


def main() -> None:
    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    texts = [text for text, _ in TEXTS]
    generator = torch.Generator().manual_seed(3)
    order: list[int] = []
    while len(order) < STEPS * BATCH:
        order += torch.randperm(len(texts), generator=generator).tolist()
    batches = [order[step * BATCH : (step + 1) * BATCH] for step in range(STEPS)]
    seconds = [texts[(number * 7 + 5) % len(texts)] for number in range(len(texts))]
    moods = [mood for _, mood in TEXTS]
    same = [int(moods[number] == moods[(number * 7 + 5) % len(texts)]) for number in range(len(texts))]
    sets = [[c for c, has in enumerate(("the " in text.lower(), "," in text, mood == 1)) if has] for text, mood in TEXTS]
    numbers = [len(text.split()) for text in texts]

    hot = torch.zeros(len(texts), 3)
    for row, classes in zip(hot, sets):
        row[classes] = 1.0
    positive = (len(texts) - hot.sum(0)) / hot.sum(0)
    values = torch.tensor(numbers, dtype=torch.float64)
    standardised = ((values - values.mean()) / values.std(unbiased=False)).float().unsqueeze(1)
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    single = [encode(text) for text in texts]
    recipes = {
        "pair": ([encode(f"{a}\n{b}") for a, b in zip(texts, seconds)], torch.tensor(same), 2, functional.cross_entropy),
        "several": (single, hot, 3, functional.binary_cross_entropy_with_logits),
        "score": (single, standardised, 1, functional.mse_loss),
        "several_balanced": (single, hot, 3, partial(functional.binary_cross_entropy_with_logits, pos_weight=positive)),
        "pair_apart": (list(zip(single, map(encode, seconds))), torch.tensor(same), 2, functional.cross_entropy),
    }
    fixture = {"made_with": f"torch {torch.__version__}", "texts": texts, "seconds": seconds, "same": same, "sets": sets, "numbers": numbers}
    fixture["batches"] = batches
    for name, (ids, targets, outputs, loss_of) in recipes.items():
        compares = name == "pair_apart"
        score = torch.randn(outputs, 4 * 128 if compares else 128, generator=generator) * 0.02
        losses, logits = train(ids, targets, score, batches, loss_of, apart if compares else plain)
        print(name, [round(loss, 4) for loss in losses])
        head = [float(value) for value in score.flatten()]
        fixture[name] = {"score": head, "losses": losses, "outputs": rounded(logits.flatten())}
    (FIXTURES / "heads.json").write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    main()
