# Last-layer methods on top of other methods, and the rows that a comparison is read against: clean
# data, a constant predictor, the spurious feature itself, and true group labels.
#
#   spurion run specs/examples/heads.hcl

description = "New last layers on the networks of two methods, beside reference rows"

sweep "seeds" {
  seed = range(3)
}

locals {
  steps = 600
  batch = 32
  rate  = 0.3
}

# The data, and the same without the correlation: what training on it reaches is how far a method
# could come.
stage "generate" "finite" {
  for_each   = [sweep.seeds, [{ kind = "confounded", strength = 0.9 }, { kind = "clean", strength = 0.5 }]]
  dimensions = 16
  core       = parity(3)
  spurious   = parity(1)
  strength   = each.strength
  samples    = 2000
  validation = 1000
  test       = 500
}

stage "debias" "clean" {
  for_each = generate.finite[{ kind = "clean" }]
  data     = each.dataset
  method "erm" {}
  steps = local.steps
  batch = local.batch
  network { hidden = [32] }
  optimizer "sgd" { rate = local.rate }
}

# The reference rows constant and spurious take no steps; oracle has the true groups.
stage "debias" "methods" {
  for_each = [
    generate.finite[{ kind = "confounded" }],
    {
      erm      = { name = "erm" }
      oracle   = { name = "group_balance" }
      constant = { name = "constant" }
      spurious = { name = "spurious" }
    },
  ]
  data   = each.dataset
  method = each.value
  steps  = local.steps
  batch  = local.batch
  network { hidden = [32] }
  optimizer "sgd" { rate = local.rate }
}

# The network that self compares with: the same training, ended early.
stage "debias" "early" {
  for_each = generate.finite[{ kind = "confounded" }]
  data     = each.dataset
  method "erm" {}
  steps = 100
  batch = local.batch
  network { hidden = [32] }
  optimizer "sgd" { rate = local.rate }
}

# Each head takes the networks of the three rules, and the summary that says which is whose.
stage "head" "dfr" {
  for_each = debias.methods["erm"]
  model    = each.model
  base     = each.summary
  data     = each.dataset
  head "dfr" { refits = 5 }
}

stage "head" "afr" {
  for_each = debias.methods["erm"]
  model    = each.model
  base     = each.summary
  data     = each.dataset
  head "afr" { gamma = 4 }
}

stage "head" "self" {
  for_each = debias.methods["erm"]
  model    = each.model
  base     = each.summary
  data     = each.dataset
  early    = debias.early.model
  head "self" {}
}

# What decodes from the networks that the rules selected: a row for each step that one of them chose. A new last
# layer changes nothing about it.
stage "probe" "methods" {
  for_each = debias.methods
  model    = each.model
}

# The row of a rule beside that of its step. The steps of the rules are in the summary.
stage "join" "decoded" {
  tables  = debias.methods[*].summary
  with    = probe.methods[*].decoded
  on      = ["step"]
  columns = ["decoded_core", "decoded_spurious"]
}

# Clean data, methods, and heads on ERM, under each rule.
stage "table" "everything" {
  tables = [
    debias.clean[*].summary, join.decoded.table, head.dfr[*].summary, head.afr[*].summary, head.self[*].summary,
  ]
  columns = ["method", "selection", "label_access", "step", "worst_group_accuracy", "worst_group", "core_correlation", "decoded_core", "note"]
  sort    = ["kind", "method", "seed"]
  missing = "null"
}

# Heads side by side with what they stand on and with the references, as differences from ERM on the confounded data. Under the
# rule last no group of the validation set is read but by DFR, which is fitted to them.
stage "comparison" "heads" {
  for_each    = [for rule in ["last", "best_validation_worst_group"] : { rule = rule }]
  tables      = [table.everything.table]
  where       = { selection = each.rule }
  rows        = ["kind", "method"]
  measures    = ["worst_group_accuracy", "worst_group", "core_correlation", "label_access"]
  baseline    = { kind = "confounded", method = "erm" }
  differences = ["worst_group_accuracy"]
  sort        = "-worst_group_accuracy"
  intervals   = "half"
  caption     = "Selected by the rule ${each.rule}"
  names       = { worst_group_accuracy = "WGA", core_correlation = "core correlation" }
}
