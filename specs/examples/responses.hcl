# Which units respond to the core feature, which to the spurious one, and what the network does without either: on inputs
# that are put together of two data sets, as Dominoes are of two sets of images.
#
#   spurion run specs/examples/responses.hcl

description = "What units respond to, with and without a spurious correlation"

sweep "data" {
  correlation = [0.5, 0.95]
  seed        = range(2)
}

# The core feature is a parity of three coordinates among eight, the spurious one a single coordinate. Each is the label of
# a data set of its own.
stage "generate" "core" {
  for_each   = [for seed in range(2) : { seed = seed }]
  dimensions = 8
  core       = parity(3)
  spurious   = parity(1)
  strength   = 0.5
  samples    = 8000
  test       = 4000
}

stage "generate" "spurious" {
  for_each   = [for seed in range(2) : { seed = seed }]
  dimensions = 8
  core       = parity(1)
  spurious   = parity(1)
  strength   = 0.5
  samples    = 8000
  test       = 4000
}

stage "compose" "pairs" {
  for_each = sweep.data
  core     = generate.core[{ seed = each.seed }].dataset
  spurious = generate.spurious[{ seed = each.seed }].dataset
  layout   = "beside"
  strength = each.correlation
}

stage "train" "erm" {
  for_each = compose.pairs
  data     = each.dataset
  steps    = 3000
  batch    = 64
  network { hidden = [64] }
  optimizer "sgd" { rate = 0.2 }
  checkpoints { at = [0, 50, 200, 500, 1000, 1500, 2000, 3000] }
}

# The test split of compose.pairs gives the parts.
stage "responses" "units" {
  for_each = [train.erm, compose.pairs]
  model    = each.model
  data     = each.dataset
}

# What the hidden layer hands on is of the spurious feature first, and of the core feature at the end.
stage "figure" "formation" {
  table = responses.units[*].summary
  title = "What the hidden layer hands on"
  plot "curves" {
    x       = "step"
    y       = ["weighted_r"]
    color   = "correlation"
    y_lines = [0.2, 0.8]
    y_label = "r: 0 spurious, 1 core"
  }
}

# Without the core units, the network goes by the spurious feature.
stage "figure" "ablated" {
  table = responses.units[*].ablations
  title = "Without a subnetwork, and without as many units at random"
  where = { correlation = "0.95", layer = "1" }
  plot "curves" {
    x       = "step"
    y       = ["core_correlation", "spurious_correlation"]
    facet   = "ablation"
    y_label = "correlation with the network's output"
  }
}
