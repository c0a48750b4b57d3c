"""Expected values for the two-feature net, written to two_feature.json beside this script.

scikit-learn's logistic regression on features that are standardized by the samples' weights, with the same ridge.

    pip install scikit-learn==1.9.1 && python two_feature.py
"""

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

RIDGE = 1e-3
ROWS = 120

if __name__ == "__main__":
    random = np.random.default_rng(5)
    features = np.column_stack([random.normal(4, 3, ROWS), random.gamma(2, 0.7, ROWS)]).astype("f4").astype("f8")
    features[::17, 0] = np.nan
    weights = random.choice([0.5, 1.0, 2.0, 8.0], ROWS)
    filled = np.where(np.isnan(features), np.nanmin(features, 0), features)
    bound = random.random(ROWS) < 1 / (1 + np.exp(-(0.6 * filled[:, 0] + 1.1 * filled[:, 1] - 4.5)))
    mean = np.average(filled, 0, weights)
    scale = np.sqrt(np.average((filled - mean) ** 2, 0, weights))
    standardized = (filled - mean) / scale
    model = LogisticRegression(C=1 / RIDGE, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    model.fit(standardized, bound, weights)
    rounded = [[None if np.isnan(x) else float(x) for x in column] for column in features.T]
    result = {
        "columns": rounded,
        "bound": bound.tolist(),
        "weights": weights.tolist(),
        "logits": model.decision_function(standardized).tolist(),
    }
    (Path(__file__).parent / "two_feature.json").write_text(json.dumps(result) + "\n")
