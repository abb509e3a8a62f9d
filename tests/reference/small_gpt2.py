"""The small random GPT-2 that the reference scripts share. Not run by itself.

2 layers, 2 heads, width 32, vocabulary 96, context 32. Biases and layer-norm weights are moved off their starting values (0 and 1):
a model that forgets a bias or a norm weight would otherwise give the right numbers by luck.
"""

from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel

FIXTURES = Path(__file__).parent / "fixtures"
FOLDER = FIXTURES / "gpt2_small"
SEED = 20_240


def make_model() -> GPT2LMHeadModel:
    """The model as written to `fixtures/gpt2_small`; f32, no dropout, attention written out."""
    torch.manual_seed(SEED)
    config = GPT2Config(
        vocab_size=96, n_positions=32, n_embd=32, n_layer=2, n_head=2, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
        bos_token_id=0, eos_token_id=0, attn_implementation="eager",
    )  # fmt: skip
    model = GPT2LMHeadModel(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.add_(torch.randn_like(parameter) * 0.1)
            elif parameter.ndim == 1:
                parameter.add_(torch.randn_like(parameter) * 0.2)
            else:
                # Wider than GPT-2's 0.02, so that attention is far from uniform and its gradients are far from rounding noise.
                parameter.mul_(6.0)
    return model


def load_model() -> GPT2LMHeadModel:
    """The committed model, read back from its files."""
    return GPT2LMHeadModel.from_pretrained(FOLDER, attn_implementation="eager", dtype=torch.float32)


def shifted_loss(model: GPT2LMHeadModel, window: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy, nats per token, of `window[:, 1:]` given `window[:, :-1]`."""
    logits = model(window[:, :-1]).logits
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), window[:, 1:].flatten())


def rounded(values: torch.Tensor) -> list[float]:
    """All values in row-major order, seven significant digits."""
    return [float(f"{value:.7g}") for value in values.detach().flatten().tolist()]
