"""A run's losses as an SVG drawing. `python curve.py RUN OUT.svg`

In: history.jsonl. Out: nats per token over millions of tokens; training as a line, every held-back set as a line with dots. The colours are legible on
white and on black.
"""

import sys
from pathlib import Path

import text

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 300, 48, 12, 12, 52
COLOURS = ["#888888", "#1f77b4", "#d62728", "#2ca02c"]


def read(run: Path) -> list[dict]:
    """One line per step. A run that goes back to a checkpoint leaves behind what it had beyond it, at whichever steps it wrote that down."""
    kept: list[dict] = []
    for line in text.json_lines((run / "history.jsonl").read_text(encoding="utf-8")):
        while kept and kept[-1]["step"] >= line["step"]:
            kept.pop()
        kept.append(line)
    return kept


def draw(lines: list[dict]) -> str:
    series = {"training": [(line["tokens"] / 1e6, line["loss"]) for line in lines]}
    for line in lines:
        for name, loss in line.get("held_back", {}).items():
            series.setdefault(name, []).append((line["tokens"] / 1e6, loss))
    right = max(x for points in series.values() for x, _ in points)
    # The first steps would flatten the rest.
    low = min(y for points in series.values() for _, y in points)
    top = min(max(y for points in series.values() for _, y in points), low + 2.0)

    def place(x: float, y: float) -> str:
        across = LEFT + x / right * (WIDTH - LEFT - RIGHT)
        return f"{across:.1f},{TOP + (top - min(y, top)) / (top - low) * (HEIGHT - TOP - BOTTOM):.1f}"

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12" fill="#888888">']
    for step in range(5):
        y = low + (top - low) * step / 4
        left, height = place(0, y).split(",")
        out.append(f'<path d="M{left} {height}H{WIDTH - RIGHT}" stroke="#88888855"/><text x="4" y="{float(height) + 4:.0f}">{y:.2f}</text>')
        x = right * step / 4
        across = place(x, low).split(",")[0]
        anchor = "end" if step == 4 else "middle"
        out.append(f'<text x="{across}" y="{HEIGHT - BOTTOM + 16}" text-anchor="{anchor}">{x:.1f} M</text>')
    across = LEFT
    for (name, points), colour in zip(series.items(), COLOURS):
        path = " ".join(place(x, y) for x, y in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        if name != "training":
            out += [f'<circle cx="{place(x, y).split(",")[0]}" cy="{place(x, y).split(",")[1]}" r="2.5" fill="{colour}"/>' for x, y in points]
        out.append(f'<text x="{across}" y="{HEIGHT - 8}" fill="{colour}">{name}</text>')
        across += 24 + 7 * len(name)
    return "\n".join(out) + "\n</svg>\n"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(draw(read(Path(sys.argv[1]))), encoding="utf-8")
