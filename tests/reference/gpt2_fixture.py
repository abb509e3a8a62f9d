"""Logits, attention, loss and gradients of a small random GPT-2, as `transformers` computes them.

Regenerate (rewrites fixtures/gpt2_small/): python tests/reference/gpt2_fixture.py
Needs: torch, transformers, safetensors.

Writes config.json and model.safetensors (f32), reference.json and reference_grads.safetensors. In reference.json:
  input_ids     [2, 24]
  logits        [2, 24, 96], row-major
  attentions    one [2, 2, 24, 24] (batch, head, query, key) per layer, row-major
  target_ids    [2, 24]: the next token of each position (the last ones are drawn like the rest)
  loss          mean cross-entropy of all 48 positions, nats
  causal_loss   what GPT2LMHeadModel returns for labels=input_ids: positions 0..23 against 1..24, 46 terms
Gradients are those of `loss`, under the parameters' names.
"""

import json

import torch
from safetensors.torch import save_file

from small_gpt2 import FOLDER, load_model, make_model, rounded, shifted_loss

BATCH, LENGTH = 2, 24


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    made = make_model()
    made.save_pretrained(FOLDER, safe_serialization=True)
    (FOLDER / "generation_config.json").unlink(missing_ok=True)

    model = load_model().eval()
    generator = torch.Generator().manual_seed(7)
    window = torch.randint(0, 96, (BATCH, LENGTH + 1), generator=generator)
    ids = window[:, :-1].contiguous()
    output = model(ids, output_attentions=True, labels=ids)
    loss = shifted_loss(model, window)
    loss.backward()

    reference = {
        "batch": BATCH,
        "length": LENGTH,
        "input_ids": ids.tolist(),
        "target_ids": window[:, 1:].tolist(),
        "logits": rounded(output.logits),
        "attentions": [rounded(layer) for layer in output.attentions],
        "loss": float(f"{loss.item():.9g}"),
        "causal_loss": float(f"{output.loss.item():.9g}"),
    }
    (FOLDER / "reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")
    gradients = {name: parameter.grad.contiguous() for name, parameter in model.named_parameters()}
    save_file(gradients, FOLDER / "reference_grads.safetensors")

    print(f"loss {loss.item():.6f}, causal loss {output.loss.item():.6f}, gradient norm "
          f"{torch.stack([g.norm() for g in gradients.values()]).norm():.6f}")  # fmt: skip
    for name, gradient in gradients.items():
        print(f"{name:45} {tuple(gradient.shape)!s:12} |g| {gradient.norm():.3e}")


if __name__ == "__main__":
    main()
