"""The inside of the bundled base model on a fixed sentence, as PyTorch and `transformers` compute it.

Regenerate (rewrites fixtures/explain_nano.json): python tests/reference/explain_nano.py
Needs: torch, transformers, tokenizers.

Attention of every layer and head is `output_attentions=True` of the eager implementation. A head is switched off by a hook before
`attn.c_proj` that puts zeros, or its mean over two windows of text, in the place of its output; an MLP by a hook on its output. The "base" of the
patches is the same model with every parameter times 0.9. The logit lens is `ln_f` and the head on `hidden_states`. Gradients are with respect
to the token embeddings, of the log-probability of the next token; integrated gradients start from the mean token embedding and are summed
by the midpoint rule over 2,000 points.
"""

import copy
import json

import torch

from nano import load_nano
from small_gpt2 import FIXTURES, rounded

SENTENCE = "The old man looked at the sea, and the old woman looked at"
WINDOWS = [
    "“What is it?” said Alice. She had never seen a rabbit with a watch before, and she ran after it.",
    "It was a dark night, and the wind blew over the harbour where the boats lay side by side.",
]
POINTS = 2_000


def numbers(tensor: torch.Tensor) -> list:
    return rounded(tensor.detach().flatten())


def main() -> None:
    torch.set_num_threads(2)
    model, tokenizer = load_nano()
    model.eval()
    model.set_attn_implementation("eager")
    base = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in base.parameters():
            parameter.mul_(0.9)
    config = model.config
    size = config.n_embd // config.n_head
    ids = tokenizer.encode(SENTENCE).ids
    windows = [tokenizer.encode(text).ids for text in WINDOWS]
    inputs = torch.tensor([ids])

    def loss(what) -> float:
        with torch.no_grad():
            logits = what(inputs).logits[0]
        return float(torch.nn.functional.cross_entropy(logits[:-1].double(), inputs[0, 1:]))

    with torch.no_grad():
        whole = model(inputs, output_attentions=True, output_hidden_states=True)

    # What every part says on average over the windows.
    sums = {}
    count = sum(len(window) for window in windows)
    hooks = []
    for layer, block in enumerate(model.transformer.h):
        def before(_, args, layer=layer):
            sums["head", layer] = sums.get(("head", layer), 0) + args[0].sum(dim=(0, 1))
        def after(_, __, output, layer=layer):
            sums["mlp", layer] = sums.get(("mlp", layer), 0) + output.sum(dim=(0, 1))
        hooks += [block.attn.c_proj.register_forward_pre_hook(before), block.mlp.register_forward_hook(after)]
    with torch.no_grad():
        for window in windows:
            model(torch.tensor([window]))
    for hook in hooks:
        hook.remove()
    means = {key: value / count for key, value in sums.items()}

    def without_head(layer: int, head: int, mean: bool) -> float:
        columns = slice(head * size, (head + 1) * size)
        def hook(_, args):
            heads = args[0].clone()
            heads[..., columns] = means["head", layer][columns] if mean else 0
            return (heads,)
        handle = model.transformer.h[layer].attn.c_proj.register_forward_pre_hook(hook)
        value = loss(model)
        handle.remove()
        return value

    def without_mlp(layer: int, mean: bool) -> float:
        def hook(_, __, output):
            return (means["mlp", layer] if mean else torch.zeros(config.n_embd)).expand_as(output)
        handle = model.transformer.h[layer].mlp.register_forward_hook(hook)
        value = loss(model)
        handle.remove()
        return value

    def patched(layer: int, head: int | None) -> float:
        other = copy.deepcopy(model)
        to, source = other.transformer.h[layer], base.transformer.h[layer]
        with torch.no_grad():
            if head is None:
                to.mlp.load_state_dict(source.mlp.state_dict())
            else:
                for third in range(3):
                    columns = slice(third * config.n_embd + head * size, third * config.n_embd + (head + 1) * size)
                    to.attn.c_attn.weight[:, columns] = source.attn.c_attn.weight[:, columns]
                    to.attn.c_attn.bias[columns] = source.attn.c_attn.bias[columns]
                rows = slice(head * size, (head + 1) * size)
                to.attn.c_proj.weight[rows] = source.attn.c_proj.weight[rows]
        return loss(other)

    layers, heads = range(config.n_layer), range(config.n_head)
    plain = loss(model)
    maps = {
        name: {"heads": [[of_head(layer, head) - plain for head in heads] for layer in layers],
               "mlps": [of_mlp(layer) - plain for layer in layers]}
        for name, of_head, of_mlp in [
            ("zero", lambda l, h: without_head(l, h, False), lambda l: without_mlp(l, False)),
            ("mean", lambda l, h: without_head(l, h, True), lambda l: without_mlp(l, True)),
            ("base", patched, lambda l: patched(l, None)),
        ]
    }  # fmt: skip

    # The lens. The last of `hidden_states` has been normed already.
    streams = list(whole.hidden_states[:-1])
    final = []
    handle = model.transformer.ln_f.register_forward_pre_hook(lambda _, args: final.append(args[0]))
    with torch.no_grad():
        model(inputs)
        handle.remove()
        lens = [torch.softmax(model.lm_head(model.transformer.ln_f(x))[0].double(), -1) for x in [*streams, final[0]]]
    top = [layer.topk(3, dim=-1) for layer in lens]

    # Attribution of the last token's likeliest successor.
    token = int(whole.logits[0, -1].argmax())
    embedded = model.transformer.wte(inputs).detach()
    mean = model.transformer.wte.weight.mean(dim=0).detach().expand_as(embedded)

    def log_probability(x: torch.Tensor) -> torch.Tensor:
        return torch.log_softmax(model(inputs_embeds=x).logits[:, -1], -1)[:, token]

    x = embedded.clone().requires_grad_()
    log_probability(x).sum().backward()
    gradient_input = (x.grad * embedded)[0].sum(-1)
    total = torch.zeros_like(embedded[0])
    for start in range(0, POINTS, 50):
        places = (torch.arange(start, start + 50) + 0.5) / POINTS
        x = (mean + (embedded - mean) * places[:, None, None]).detach().requires_grad_()
        log_probability(x).sum().backward()
        total += x.grad.sum(0)
    integrated = (total / POINTS * (embedded - mean)[0]).sum(-1)
    with torch.no_grad():
        ends = [float(log_probability(mean)), float(log_probability(embedded))]
    print("completeness of the reference:", float(integrated.sum()), ends[1] - ends[0])

    fixture = {
        "sentence": SENTENCE, "ids": ids, "windows": windows, "loss": plain,
        "attention": [numbers(layer[0]) for layer in whole.attentions],
        "switches": maps,
        "lens_ids": [layer.indices.flatten().tolist() for layer in top],
        "lens_probabilities": [numbers(layer.values.float()) for layer in top],
        "token": token, "baseline_log_probability": ends[0], "log_probability": ends[1],
        "gradient_input": numbers(gradient_input), "integrated": numbers(integrated),
    }  # fmt: skip
    (FIXTURES / "explain_nano.json").write_text(json.dumps(fixture, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
