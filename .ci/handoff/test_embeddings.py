"""specs/embeddings: what a run says of a method, computed again with numpy from the data set and the layers that it exports."""

import io

import numpy as np
import pandas as pd
import pytest

SPEC = "specs/embeddings"
VARIABLES = ["--var", "seeds=1", "--var", "epochs=5", "--var", "per_sample=true"]
METHODS = ["erm", "group_balance", "group_dro", "subg", "jtt"]
CHOSEN = "best_validation_worst_group"


@pytest.fixture(scope="module")
def export(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("embeddings")
    where = ["--store", str(folder / "store"), "--out", str(folder / "out")]
    program("run", "--quiet", *where, *VARIABLES, SPEC)

    def table(address, **axes):
        rows = [word for axis, value in axes.items() for word in ("--where", f"{axis}={value}")]
        return pd.read_parquet(io.BytesIO(program("export", *where, *VARIABLES, "--format", "parquet", "--output", "-", *rows, SPEC, address)))

    return table


def layer(model, step):
    """Weights [width] and bias of a linear layer with one output, or two."""
    rows = model[model.step == step].sort_values("neuron")
    weights, biases = np.stack(rows.weights.to_numpy()).astype(np.float64), rows.bias.to_numpy(np.float64)
    if len(rows) == 2:
        return weights[1] - weights[0], biases[1] - biases[0]
    return weights[0], biases[0]


@pytest.mark.parametrize("algorithm", METHODS)
def test_worst_group(export, algorithm):
    data = export("gaussian.made.dataset")
    test = data[data.split == "test"]
    x = np.stack(test.inputs.to_numpy()).astype(np.float64)
    summary = export("debias.methods.summary", algorithm=algorithm).set_index("selection").loc[CHOSEN]
    w, b = layer(export("debias.methods.model", algorithm=algorithm), summary.step)
    margin = x @ w + b
    assert np.abs(margin).min() > 1e-5  # so that float32 and float64 agree on every sample
    right = (margin >= 0).astype(int) == test.label.to_numpy()
    groups = pd.Series(right).groupby(test.group.to_numpy()).mean()
    assert groups.min() == pytest.approx(summary.worst_group_accuracy, abs=1e-12)
    assert groups.mean() == pytest.approx(summary.group_mean_accuracy, abs=1e-12)
    assert "%02d" % int(format(groups.idxmin(), "b")) == summary.worst_group


@pytest.mark.parametrize("stage, algorithm", [("debias.methods", m) for m in METHODS] + [("head.heads", "erm_dfr"), ("head.heads", "erm_afr")])
def test_predictions(export, stage, algorithm):
    """The example of docs/embeddings.md: worst groups from predictions alone."""
    predictions = export(f"{stage}.predictions", algorithm=algorithm)
    test = predictions[(predictions.split == "test") & (predictions.selection == CHOSEN)]
    assert len(test) == 5794
    worst = (test.prediction == test.label).groupby([test.label, test.attribute]).mean().min()
    summary = export(f"{stage}.summary", algorithm=algorithm).set_index("selection").loc[CHOSEN]
    assert worst == pytest.approx(summary.worst_group_accuracy, abs=1e-12)


def test_groups_that_jtt_infers(export):
    """JTT's cells have the minority that its inference says, and weights that count the error set as it does."""
    groups = export("debias.methods.groups", algorithm="jtt")
    data = export("gaussian.made.dataset")
    train = data[data.split == "train"].reset_index(drop=True)
    assert groups.row.tolist() == list(range(len(train)))
    inference = export("debias.methods.inference", algorithm="jtt")
    used = inference[inference.used].iloc[-1]
    errors = groups.weight.to_numpy() > groups.weight.min()
    minority = (train.label != train.attribute).to_numpy()
    assert (errors & minority).sum() / (errors | minority).sum() == pytest.approx(used.jaccard, abs=1e-12)


def test_groups_have_the_sizes_that_were_asked_for(export):
    data = export("gaussian.made.dataset")
    assert data.groupby(["split", "group"]).size().unstack().loc["train"].tolist() == [3498, 184, 56, 1057]
