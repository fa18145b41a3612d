# Networks with all that an exported one may have, for test_export.py.

stage "import" "garments" {
  files = ["specs/data/fashion-mnist"]
  label { keep = { 3 = 0, 4 = 1 } }
  split { fractions = { train = 0.8, validation = 0.2 } }
  limit = 60
}

stage "import" "beneath" {
  files = ["specs/data/fashion-mnist"]
  label { keep = { 1 = 0, 7 = 1 } }
  split { fractions = { train = 0.8, validation = 0.2 } }
  limit = 60
}

stage "compose" "dominoes" {
  core     = import.garments.dataset
  spurious = import.beneath.dataset
  layout   = "stack"
  strength = 0.8
}

stage "train" "mlp" {
  data       = compose.dominoes.dataset
  steps      = 20
  batch      = 32
  per_sample = true
  network {
    hidden       = [12, 7]
    activation   = "leaky_relu"
    slope        = 0.2
    output_scale = "1/width"
  }
  optimizer "sgd" { rate = 0.5 }
  checkpoints { at = [0, 5] }
}

stage "train" "plain" {
  data       = compose.dominoes.dataset
  steps      = 20
  batch      = 32
  per_sample = true
  network { hidden = [5, 4] }
  optimizer "sgd" { rate = 0.1 }
}

stage "train" "three" {
  data       = import.three.dataset
  steps      = 20
  batch      = 32
  per_sample = true
  network {
    hidden = [9]
    bias   = false
  }
  optimizer "sgd" { rate = 0.1 }
}

stage "import" "three" {
  files = ["specs/data/fashion-mnist"]
  label {
    keep  = { 1 = 0, 3 = 1, 4 = 2 }
    names = ["trouser", "dress", "coat"]
  }
  split { fractions = { train = 0.8, validation = 0.2 } }
  limit = 60
}

stage "train" "cnn" {
  data       = compose.dominoes.dataset
  steps      = 20
  batch      = 32
  per_sample = true
  loss       = "logistic"
  network "cnn" {
    layers = [
      normalise([0.3], [0.4]), conv(4, 3, 2, 1), batch_norm(0.3, 0.001), relu(),
      residual([conv(6, 3, 2, 1), batch_norm(), relu(), conv(6, 3, 1, 1)], [conv(6, 1, 2)]), residual([conv(6, 3, 1, 1)]), relu(),
      max_pool(2), average_pool(2, 1),
    ]
    hidden     = [10]
    activation = "tanh"
  }
  optimizer "sgd" { rate = 0.05 }
}
