"""TF-IDF features, logistic and ridge regressions and predictions as scikit-learn makes them, for baseline.rs.

Called by baseline.rs: python -c SOURCE CASES.json; prints one JSON object.
"made": texts and labels of its own making; answered with terms, rows, coefficients, intercepts and probabilities at the solution.
"numbers": texts and numbers of its own making; answered with the coefficients, the intercept and the predictions of `Ridge(alpha=1.0)`.
"files": CSV files of columns `text,label`; answered with texts and labels, and the predictions for each fifth row by a model of the others.
Needs: tests/reference/requirements.txt.
"""

import csv
import json
import os
import sys
import time
import warnings

# Beside other tests, threads that wait for each other take longer than one.
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

warnings.filterwarnings("ignore")


def vectorizer(runs):
    return TfidfVectorizer() if runs is None else TfidfVectorizer(analyzer="char", ngram_range=tuple(runs))


def made(case):
    features = vectorizer(case["runs"])
    rows = features.fit_transform(case["texts"])
    model = LogisticRegression(C=case["c"], tol=1e-10, max_iter=100_000).fit(rows, case["labels"])
    return {
        "terms": features.get_feature_names_out().tolist(),
        "rows": rows.toarray().tolist(),
        "new": features.transform(case["new"]).toarray().tolist(),
        "coefficients": model.coef_.tolist(),
        "intercepts": model.intercept_.tolist(),
        "probabilities": model.predict_proba(features.transform(case["new"])).tolist(),
    }


def numbers(case):
    features = vectorizer(case["runs"])
    # Of dense rows scikit-learn solves the equations exactly; of sparse ones it searches, up to its tolerance.
    rows = features.fit_transform(case["texts"]).toarray()
    model = Ridge(alpha=1.0).fit(rows, case["numbers"])
    predicted = model.predict(features.transform(case["new"]).toarray())
    return {"coefficients": model.coef_.tolist(), "intercept": float(model.intercept_), "predicted": predicted.tolist()}


def read(case):
    with open(case["path"], encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))[: case["most"]]
    texts, names = [row["text"] for row in table], sorted({row["label"] for row in table})
    labels = [names.index(row["label"]) for row in table]
    kept = np.arange(len(texts)) % 5 == 0
    features = vectorizer(case["runs"])
    start = time.time()
    rows = features.fit_transform([text for text, out in zip(texts, kept) if not out])
    model = LogisticRegression(tol=1e-7, max_iter=10_000).fit(rows, np.array(labels)[~kept])
    predicted = model.predict(features.transform([text for text, out in zip(texts, kept) if out])).tolist()
    return {"texts": texts, "labels": labels, "predicted": predicted, "seconds": time.time() - start}


if __name__ == "__main__":
    cases = json.load(open(sys.argv[1], encoding="utf-8"))
    answers = {"made": made, "numbers": numbers, "files": read}
    print(json.dumps({name: [answer(case) for case in cases.get(name, [])] for name, answer in answers.items()}))
