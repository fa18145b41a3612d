# Crosses and joins: for_each takes several stages and sweeps, and an input may come from another
# instance than the one that is trained on.
#
#   spurion run specs/examples/cross.hcl

description = "Learning rates crossed with data sets, and models measured beside a fixed one"

sweep "data" {
  strength = [0.5, 0.9]
  seed     = range(2)
}

sweep "rates" {
  learning_rate = logspace(-2, -0.5, 4) # 10^-2 ... 10^-0.5, evenly spaced in their logarithm
}

stage "generate" "parity" {
  for_each   = sweep.data
  dimensions = 12
  core       = parity(3)
  spurious   = parity(1)
  strength   = each.strength
}

# A cross: 4 data sets x 4 rates. The axes are strength, seed, learning_rate.
stage "train" "erm" {
  for_each = [generate.parity, sweep.rates]
  data     = each.dataset
  steps    = 1500
  batch    = 32
  network { hidden = [24] }
  optimizer "sgd" { rate = each.learning_rate }
}

# The same network width on data of the same seeds, but always without correlation: a selection in
# brackets replaces an axis, the other axes that both stages have must still agree.
stage "train" "reference" {
  for_each = [for s in range(2) : { seed = s }]
  data     = generate.parity[{ strength = 0.5 }].dataset
  steps    = 1500
  batch    = 32
  network { hidden = [24] }
  optimizer "sgd" { rate = 0.1 }
}

# A join: what is crossed shares the axes strength and seed, so only rows that agree on them are
# paired: 16 instances, not 64. each.model is that of train.erm, each.dataset that of the data.
stage "retrain" "llr" {
  for_each = [train.erm, generate.parity]
  model    = each.model
  data     = each.dataset
  held_out = "law"
  samples  = 400
}

# [*] takes all instances; without it a reference takes those that agree on the axes that both have.
stage "table" "all" {
  tables  = concat(train.erm[*].summary, train.reference[*].summary)
  columns = ["accuracy", "worst_group_accuracy"]
}

# One table for each seed.
stage "table" "per_seed" {
  for_each = [for s in range(2) : { seed = s }]
  tables   = [train.erm.summary, train.reference.summary]
  columns  = ["worst_group_accuracy"]
}
