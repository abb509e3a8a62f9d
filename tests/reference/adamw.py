"""Twenty steps of torch.optim.AdamW on fixed batches, with all parameters and with the lower ones frozen, and on given gradients.

Regenerate (rewrites fixtures/adamw/): python tests/reference/adamw.py
Needs: torch, transformers, safetensors, and fixtures/gpt2_small (made by gpt2_fixture.py).

Settings: lr 1e-3, betas (0.9, 0.95), eps 1e-8, weight decay 0.1 on parameters of two dimensions and none on vectors,
`clip_grad_norm_` to 1.0 before each step.

Writes
  training.json           windows [20][2][25] (inputs are [..24], targets [1..]), loss before each step, global gradient norm before
                          clipping, and `rounding`: per parameter the largest difference between this run and the same run in f64.
  final_parameters.safetensors   after the 20 steps.
  frozen.json, frozen_parameters.safetensors   the same with `requires_grad_(False)` on both embeddings and the lower of the two blocks.
  given_gradients.json    a 3 x 4 matrix and a vector of 5, twenty gradients for each, and both after every step: the optimiser alone.

Read `rounding` before choosing a tolerance. Adding one number to all keys of a head changes no attention weight, so the gradient of the middle
third of every `c_attn.bias` is zero up to rounding; Adam divides that noise by its own size, and two correct programs part ways there.
"""

import json

import torch
from safetensors.torch import save_file

from small_gpt2 import FIXTURES, load_model, rounded, shifted_loss

STEPS, BATCH, LENGTH = 20, 2, 24
LEARNING_RATE, BETAS, EPSILON, WEIGHT_DECAY, CLIP = 1e-3, (0.9, 0.95), 1e-8, 0.1, 1.0
FOLDER = FIXTURES / "adamw"


def optimizer_for(parameters) -> torch.optim.AdamW:
    parameters = list(parameters)
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=BETAS, eps=EPSILON)


def freeze(model, layers: int) -> None:
    """The lowest blocks, and with the first of them both embeddings (the head shares one)."""
    if layers:
        for part in [model.transformer.wte, model.transformer.wpe, *model.transformer.h[:layers]]:
            part.requires_grad_(False)


def train(windows: torch.Tensor, dtype: torch.dtype, frozen_layers: int):
    model = load_model().to(dtype).train()
    freeze(model, frozen_layers)
    optimizer = optimizer_for(model.parameters())
    losses, norms = [], []
    for window in windows:
        optimizer.zero_grad()
        loss = shifted_loss(model, window)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP).item())
        losses.append(loss.item())
        optimizer.step()
    return model, losses, norms


def training(frozen_layers: int, name: str, parameters_name: str) -> None:
    generator = torch.Generator().manual_seed(11)
    windows = torch.randint(0, 96, (STEPS, BATCH, LENGTH + 1), generator=generator)
    # Half of every window repeats, so that there is something to learn and the loss falls.
    windows[:, :, 12:] = windows[:1, :1, 12:]
    model, losses, norms = train(windows, torch.float32, frozen_layers)
    exact, exact_losses, _ = train(windows, torch.float64, frozen_layers)
    final = dict(model.named_parameters())
    rounding = {
        name: float(f"{(final[name].double() - parameter).abs().max().item():.2e}") for name, parameter in exact.named_parameters()
    }
    reference = {
        "learning_rate": LEARNING_RATE,
        "betas": BETAS,
        "epsilon": EPSILON,
        "weight_decay": WEIGHT_DECAY,
        "clip_norm": CLIP,
        "frozen_layers": frozen_layers,
        "windows": windows.tolist(),
        "losses": [float(f"{value:.9g}") for value in losses],
        "norms": [float(f"{value:.9g}") for value in norms],
        "rounding": rounding,
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")
    save_file({name: parameter.detach().contiguous() for name, parameter in final.items()}, FOLDER / f"{parameters_name}.safetensors")
    print(name, "losses", " ".join(f"{value:.5f}" for value in losses))
    print("norms ", " ".join(f"{value:.4f}" for value in norms))
    print("largest loss difference to f64", max(abs(a - b) for a, b in zip(losses, exact_losses)))
    for name, value in rounding.items():
        print(f"{name:45} f32 - f64 {value:.1e}")
    for layer in range(2):
        name = f"transformer.h.{layer}.attn.c_attn.bias"
        parts = (final[name].double() - dict(exact.named_parameters())[name]).abs().view(3, -1).amax(1)
        print(f"{name}: query, key, value", parts.tolist())


def given_gradients() -> None:
    generator = torch.Generator().manual_seed(13)
    matrix = torch.nn.Parameter(torch.randn(3, 4, generator=generator))
    vector = torch.nn.Parameter(torch.randn(5, generator=generator))
    reference = {"matrix": {"shape": [3, 4], "start": rounded(matrix)}, "vector": {"shape": [5], "start": rounded(vector)}, "steps": []}
    with torch.no_grad():
        matrix.copy_(torch.tensor(reference["matrix"]["start"]).view(3, 4))
        vector.copy_(torch.tensor(reference["vector"]["start"]))
    optimizer = optimizer_for([matrix, vector])
    for step in range(STEPS):
        # Sizes from far above the clipping norm to far below it, and one gradient of zero.
        size = 0.0 if step == 7 else 4.0 * 0.6**step
        gradients = [rounded(torch.randn(p.shape, generator=generator) * size) for p in (matrix, vector)]
        matrix.grad = torch.tensor(gradients[0]).view(3, 4)
        vector.grad = torch.tensor(gradients[1])
        norm = torch.nn.utils.clip_grad_norm_([matrix, vector], CLIP).item()
        optimizer.step()
        reference["steps"].append({
            "matrix_gradient": gradients[0], "vector_gradient": gradients[1], "norm": float(f"{norm:.7g}"),
            "matrix": rounded(matrix), "vector": rounded(vector),
        })  # fmt: skip
    (FOLDER / "given_gradients.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    training(0, "training", "final_parameters")
    training(1, "frozen", "frozen_parameters")
    given_gradients()


if __name__ == "__main__":
    main()
