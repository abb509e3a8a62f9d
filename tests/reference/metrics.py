"""What scikit-learn, scipy, seqeval, sacrebleu and rouge-score say about cases that metrics.rs made up.

Called by metrics.rs: python -c SOURCE CASES.json; prints one JSON object. CASES.json holds, per measure, a list of cases; the answer holds
under the same name the list of results. NaN is answered as null.
Needs: tests/reference/requirements.txt.

SQuAD's and CMRC's evaluation scripts are no packages; their rules are written out here from the papers' scripts.
"""

import collections
import json
import math
import os
import re
import string
import sys
import warnings

# Beside other tests, threads that wait for each other take longer than one.
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from nltk.tokenize import NLTKWordTokenizer
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import CHRF
from scipy import stats
from seqeval import metrics as seqeval
from sklearn import metrics
from sklearn.calibration import calibration_curve

warnings.filterwarnings("ignore")

AVERAGES = ["micro", "macro", "weighted"]


def scores(function, *arguments, averages, **options):
    """Per class, then per average: [precision, recall, f1]."""
    p, r, f, s = function(*arguments, average=None, zero_division=0, **options)
    classes = [list(map(float, row)) for row in zip(p, r, f, s)]
    means = [list(map(float, function(*arguments, average=a, zero_division=0, **options)[:3])) for a in averages]
    return classes, means


def single(case):
    truth, predicted, names, labels = case["truth"], case["predicted"], case["names"], case["labels"]
    shown = names if labels is None else [names[label] for label in labels]
    if labels is None:
        shown = [names[label] for label in sorted(set(truth) | set(predicted))]
    text = metrics.classification_report(truth, predicted, labels=labels, target_names=shown, digits=case["digits"], zero_division=0)
    classes, means = scores(metrics.precision_recall_fscore_support, truth, predicted, averages=AVERAGES, labels=labels)
    matrix = metrics.confusion_matrix(truth, predicted, labels=range(len(names))).tolist()
    return [text, classes, means, matrix, float(metrics.accuracy_score(truth, predicted))]


def multi(case):
    names = case["names"]
    table = lambda rows: np.array([[int(label in row) for label in range(len(names))] for row in rows])
    truth, predicted = table(case["truth"]), table(case["predicted"])
    text = metrics.classification_report(truth, predicted, target_names=names, digits=case["digits"], zero_division=0)
    classes, means = scores(metrics.precision_recall_fscore_support, truth, predicted, averages=[*AVERAGES, "samples"])
    return [text, classes, means, float(metrics.accuracy_score(truth, predicted)), float(metrics.hamming_loss(truth, predicted))]


def calibration(case):
    confidence, right, bins = np.array(case["confidence"]), np.array(case["right"]), case["bins"]
    accuracy, mean = calibration_curve(right, confidence, n_bins=bins, pos_label=True)
    place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)
    rows = np.bincount(place, minlength=bins)
    error = (np.abs(accuracy - mean) * rows[rows > 0]).sum() / len(right)
    return [rows.tolist(), accuracy.tolist(), mean.tolist(), float(error)]


def bootstrap(case):
    values, tail = np.array(case["values"]), (1 - case["level"]) / 2
    samples = [values[rows].mean() for rows in case["samples"]]
    return [float(values.mean()), *map(float, np.percentile(samples, [100 * tail, 100 * (1 - tail)]))]


def spans(case):
    truth, predicted = case["truth"], case["predicted"]
    found = [[list(span) for span in seqeval.sequence_labeling.get_entities(tags)] for tags in truth]
    if not any(seqeval.sequence_labeling.get_entities(side) for side in (truth, predicted)):
        return [found, None]
    text = seqeval.classification_report(truth, predicted, digits=case["digits"], zero_division=0)
    both = scores(seqeval.sequence_labeling.precision_recall_fscore_support, truth, predicted, averages=AVERAGES)
    return [found, text, *both, float(seqeval.accuracy_score(truth, predicted))]


def numbers(case):
    truth, predicted = np.array(case["truth"]), np.array(case["predicted"])
    return [
        float(stats.pearsonr(truth, predicted).statistic),
        float(stats.spearmanr(truth, predicted).statistic),
        float(metrics.mean_absolute_error(truth, predicted)),
        float(metrics.root_mean_squared_error(truth, predicted)),
        # Of equal true values scikit-learn answers 0 or 1 by convention; here they have no value.
        float(metrics.r2_score(truth, predicted)) if len(set(case["truth"])) > 1 else math.nan,
    ]


def chrf(case):
    predictions, references = case["predictions"], case["references"]
    chrf = CHRF()
    rows = [chrf.sentence_score(p, r).score for p, r in zip(predictions, references)]
    return [rows, chrf.corpus_score(predictions, list(zip(*references))).score]


def rouge(case):
    scored = RougeScorer(["rougeL", "rougeLsum"], use_stemmer=False).score(case["reference"], case["prediction"])
    return [list(map(float, scored[kind])) for kind in ("rougeL", "rougeLsum")]


def squad_normalised(text):
    text = "".join(letter for letter in text.lower() if letter not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def squad(case):
    prediction = squad_normalised(case["prediction"])
    exact, f1 = 0, 0.0
    for answer in map(squad_normalised, case["answers"]):
        exact = max(exact, int(answer == prediction))
        predicted, wanted = prediction.split(), answer.split()
        common = sum((collections.Counter(predicted) & collections.Counter(wanted)).values())
        if not predicted or not wanted:
            f1 = max(f1, float(predicted == wanted))
        elif common:
            precision, recall = common / len(predicted), common / len(wanted)
            f1 = max(f1, 2 * precision * recall / (precision + recall))
    return [bool(exact), f1]


CMRC_PUNCTUATION = set("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")


def cmrc_tokens(text):
    tokens, piece = [], ""
    for letter in text.lower().strip():
        if letter in CMRC_PUNCTUATION:
            continue
        if re.search(r"[\u4e00-\u9fa5]", letter):
            tokens += NLTKWordTokenizer().tokenize(piece) + [letter]
            piece = ""
        else:
            piece += letter
    return tokens + NLTKWordTokenizer().tokenize(piece)


def cmrc(case):
    bare = lambda text: "".join(letter for letter in text.lower().strip() if letter not in CMRC_PUNCTUATION)
    exact, f1 = False, 0.0
    predicted = cmrc_tokens(case["prediction"])
    for answer in case["answers"]:
        exact = exact or bare(answer) == bare(case["prediction"])
        wanted = cmrc_tokens(answer)
        run = max(
            (n for n in range(len(wanted) + 1) for i in range(len(wanted) - n + 1) for j in range(len(predicted) - n + 1)
             if wanted[i : i + n] == predicted[j : j + n]),
            default=0,
        )  # fmt: skip
        if run:
            precision, recall = run / len(predicted), run / len(wanted)
            f1 = max(f1, 2 * precision * recall / (precision + recall))
    return [exact, f1]


def ranking(case):
    wanted, ranked_by, k = np.array(case["wanted"]), np.array(case["scores"]), case["k"]
    ranks = stats.rankdata(-ranked_by, "max")[wanted > 0]
    first = ranks.min() if len(ranks) else math.inf
    reciprocal = 1 / first
    if (wanted > 0).sum() == 1:
        reciprocal = metrics.label_ranking_average_precision_score([wanted > 0], [ranked_by])
    return [float(metrics.ndcg_score([wanted], [ranked_by], k=k)), float(first <= k), float(reciprocal)]


def printable(value):
    if isinstance(value, (list, tuple)):
        return [printable(entry) for entry in value]
    return None if isinstance(value, float) and math.isnan(value) else value


if __name__ == "__main__":
    cases = json.load(open(sys.argv[1], encoding="utf-8"))
    print(json.dumps({name: [printable(globals()[name](case)) for case in list] for name, list in cases.items()}))
