# One number for each run, from tables that have many rows for each: shares, first and last rows,
# differences. An aggregate groups rows as group_by does in pandas and polars; claims and figures then
# take its table.
#
#   spurion run specs/examples/aggregate.hcl

description = "Aggregates: the subnetworks and phases of each run"

sweep "runs" { seed = range(6) }

stage "generate" "parity" {
  for_each   = sweep.runs
  dimensions = 16
  core       = parity(4)
  spurious   = parity(2)
  strength   = 0.9
}

stage "train" "erm" {
  for_each = generate.parity
  data     = each.dataset
  steps    = 10000
  batch    = 32
  network { hidden = [32] }
  optimizer "sgd" {
    rate         = 0.3
    weight_decay = 0.003
  }
  checkpoints { at = [0] }
}

stage "probe" "decoded" {
  for_each    = train.erm
  model       = each.model
  checkpoints = "last"
  parts       = true
}

# The share of neurons that belong to neither subnetwork, at the start and at the end.
stage "aggregate" "neurons" {
  tables = train.erm[*].neurons
  by     = ["seed", "step"]
  result "between" {
    function = "share"
    where    = { core_share = "> 0.2 and < 0.8" }
  }
}

# The share of evaluations up to T95 at which only the spurious feature is learned.
stage "aggregate" "phases" {
  tables = train.erm[*].history
  result "only_spurious" {
    function = "share"
    where    = { spurious_correlation = ">= 0.9", core_correlation = "<= 0.1" }
    until    = { core_correlation = ">= 0.95" }
  }
  result "learned" {
    function = "first"
    column   = "step"
    where    = { core_correlation = ">= 0.95" }
  }
}

# What the core neurons know more of the core feature than the spurious ones, beside the same of
# random splits of the same sizes.
stage "aggregate" "parts" {
  tables = probe.decoded[*].parts
  result "core" {
    function = "first"
    column   = "decoded_core"
    where    = { part = "core" }
  }
  result "spurious" {
    function = "first"
    column   = "decoded_core"
    where    = { part = "spurious" }
  }
  result "random_core" {
    function = "mean"
    column   = "decoded_core"
    where    = { part = "random_core" }
  }
  result "random_spurious" {
    function = "mean"
    column   = "decoded_core"
    where    = { part = "random_spurious" }
  }
  derive = {
    separation        = "core - spurious"
    random_separation = "random_core - random_spurious"
  }
}

claim "few_between" {
  says = "In the end few neurons are in neither subnetwork."
  test "always" {
    table = aggregate.neurons.table
    y     = "between"
    is    = "below"
    value = 0.15
    where = { step = "10000" }
  }
}

claim "beyond_chance" {
  says = "The subnetworks differ by more than random splits do."
  test "always" {
    table = aggregate.parts.table
    y     = "separation"
    is    = "above"
    than  = "random_separation"
  }
}
