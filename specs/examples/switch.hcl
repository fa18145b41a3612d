# Training on from a model: networks that relied on a spurious feature go on with data in which it no
# longer correlates, with and without weight decay. Do they forget it?
#
#   spurion run specs/examples/switch.hcl

description = "Forgetting after a switch to data without correlation"

sweep "runs" {
  seed = range(6)
}

sweep "decays" {
  decay = [0, 0.001]
}

stage "generate" "data" {
  for_each   = [{ strength = 0.9 }, { strength = 0.5 }]
  dimensions = 16
  core       = parity(4)
  spurious   = parity(2)
  strength   = each.strength
}

stage "train" "before" {
  for_each = sweep.runs
  data     = generate.data[{ strength = 0.9 }].dataset
  steps    = 4000
  batch    = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = 0.3 }
}

# The weights are those at the end of before; the optimiser, its schedule and the steps begin afresh.
stage "train" "after" {
  for_each = [train.before, sweep.decays]
  start    = each.model
  data     = generate.data[{ strength = 0.5 }].dataset
  steps    = 20000
  batch    = 32
  network { hidden = [32] }
  optimizer "sgd" {
    rate         = 0.3
    weight_decay = each.decay
  }
}

stage "probe" "after" {
  for_each = train.after
  model    = each.model
}

stage "figure" "forgetting" {
  title = "What decodes after the switch"
  table = probe.after[*].decoded
  plot "curves" {
    x     = "step"
    y     = ["decoded_spurious", "decoded_core"]
    facet = "decay"
  }
}

claim "decay_forgets" {
  says = "With weight decay the spurious feature decodes less in the end than without."
  test "paired" {
    table   = probe.after.decoded
    y       = "decoded_spurious"
    larger  = { decay = "0", step = "20000" }
    smaller = { decay = "0.001", step = "20000" }
  }
}
