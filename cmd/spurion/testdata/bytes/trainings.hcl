# Small trainings of every sort, for the digests of what they leave: trainings.golden. Numbers of rows, neurons and
# steps are odd, so that every loop has a tail; and small, since this also runs on an emulated processor.

description = "Trainings whose bytes are the same everywhere"

sweep "grid" {
  strength = [0.7, 0.95]
  seed     = range(2)
}

stage "generate" "fresh" {
  for_each   = sweep.grid
  dimensions = 19
  core       = parity(3)
  spurious   = parity(2)
  strength   = each.strength
}

stage "generate" "finite" {
  dimensions     = 23
  core           = staircase(4)
  spurious       = majority(5)
  core_length    = 7
  strength       = 0.9
  samples        = 301
  validation     = 203
  validation_law = "balanced"
  test           = 157
  seed           = 5
}

stage "train" "sgd" {
  for_each = generate.fresh
  data     = each.dataset
  steps    = 70
  batch    = 37
  network { hidden = [33] }
  optimizer "sgd" {
    rate         = 0.2
    momentum     = 0.9
    nesterov     = true
    weight_decay = 0.001
  }
  evaluation {
    every  = 10
    points = 600
  }
  checkpoints { at = [0, 30, 70] }
}

stage "train" "deep" {
  data  = generate.finite.dataset
  steps = 70
  batch = 45
  network {
    hidden     = [21, 13]
    activation = "leaky_relu"
    init       = "he_normal"
  }
  optimizer "adam" { rate = 0.01 }
  evaluation {
    per_decade = 5
    points     = 600
  }
  checkpoints { at = [10, 70] }
  seed = 2
}

stage "train" "tanh" {
  data     = generate.finite.dataset
  steps    = 25
  sampling = "full"
  loss     = "logistic"
  network {
    hidden     = [11]
    activation = "tanh"
    outputs    = 1
    init       = "xavier_uniform"
  }
  optimizer "adamw" {
    rate         = 0.02
    weight_decay = 0.1
    clip_norm    = 0.5
  }
  evaluation { points = 600 }
  spectrum = [[1, 2, 3], [4, 5], []]
  checkpoints { at = [25] }
  seed = 3
}

stage "train" "sphere" {
  data  = generate.finite.dataset
  steps = 25
  batch = 29
  loss  = "correlation"
  network {
    hidden       = [17]
    outputs      = 1
    bias         = false
    init         = "sphere"
    output_init  = "signs"
    output_scale = "1/width"
  }
  optimizer "sign" { rate = 0.003 }
  evaluation { points = 600 }
  checkpoints { at = [25] }
  seed = 4
}

stage "train" "hinge" {
  data  = generate.finite.dataset
  steps = 25
  batch = 64
  loss  = "hinge"
  network {
    hidden     = [9, 7, 5]
    activation = "quadratic"
    outputs    = 1
    init       = "normal"
    init_scale = 0.3
  }
  optimizer "sgd" { rate = 0.01 }
  evaluation { points = 600 }
  checkpoints { at = [25] }
  seed = 5
}

stage "probe" "decoded" {
  for_each = train.sgd
  model    = each.model
  points   = 300
}

stage "probe" "deep" {
  model  = train.deep.model
  points = 300
  seed   = 1
}

stage "retrain" "llr" {
  for_each = train.sgd
  model    = each.model
  samples  = 120
  points   = 600
}

stage "retrain" "deep" {
  model       = train.deep.model
  data        = generate.finite.dataset
  standardize = true
  points      = 600
  seed        = 1
}

stage "debias" "erm" {
  data = generate.finite.dataset
  method "erm" {}
  steps = 60
  batch = 31
  network { hidden = [15] }
  optimizer "sgd" { rate = 0.1 }
  evaluation { every = 20 }
  seed = 1
}

stage "debias" "group_balance" {
  data = generate.finite.dataset
  method "group_balance" { by = "weights" }
  steps = 60
  batch = 31
  network { hidden = [15] }
  optimizer "sgd" { rate = 0.1 }
  evaluation { every = 20 }
  seed = 1
}

stage "debias" "group_dro" {
  data = generate.finite.dataset
  method "group_dro" { size_adjustment = 1 }
  steps = 60
  batch = 31
  network { hidden = [15] }
  optimizer "sgd" { rate = 0.1 }
  evaluation { every = 20 }
  seed = 1
}

stage "debias" "jtt" {
  data = generate.finite.dataset
  method "jtt" { first_steps = 15 }
  steps = 60
  batch = 31
  network { hidden = [15] }
  optimizer "sgd" { rate = 0.1 }
  evaluation { every = 20 }
  seed = 1
}

stage "table" "methods" {
  tables = [debias.erm.summary, debias.group_balance.summary, debias.group_dro.summary, debias.jtt.summary]
}

claim "stronger_is_less_core" {
  says = "The stronger the spurious correlation, the lower the core correlation."
  test "trend" {
    table     = train.sgd.summary
    x         = "strength"
    y         = "core_correlation"
    direction = "decreasing"
  }
}

claim "core_is_decoded" {
  says = "The core feature can be decoded from the last hidden layer."
  test "threshold" {
    table     = probe.decoded.decoded
    column    = "decoded_core"
    statistic = "mean"
    above     = -1
  }
}

# Its pictures' bytes are equal on all machines, but may be others with another Go release: the golden file has the
# numbers alone.
stage "figure" "learning" {
  table = train.sgd[*].history
  title = "Learning"
  plot "curves" {
    x     = "step"
    y     = ["core_correlation", "spurious_correlation"]
    facet = "strength"
  }
}
