# What is measured of the networks that the rules selected, beside what their summaries say; and the choice of a point of
# the search.

# What decodes from the last hidden layer: a new last layer changes nothing about it.
stage "probe" "methods" {
  for_each = debias.methods
  model    = each.model
}

stage "probe" "heads" {
  for_each = head.heads
  model    = each.model
}

# Last-layer retraining on balanced fresh points (table 6 of the paper): what a network's features would allow.
stage "retrain" "methods" {
  for_each = debias.methods
  model    = each.model
  held_out = "law"
}

stage "retrain" "heads" {
  for_each = head.heads
  model    = each.model
  held_out = "law"
}

stage "join" "decoded" {
  tables  = concat(debias.methods[*].summary, head.heads[*].summary)
  with    = concat(probe.methods[*].decoded, probe.heads[*].decoded)
  on      = ["step"]
  columns = ["decoded_core", "decoded_spurious"]
  missing = "null"
}

stage "join" "measured" {
  tables  = [join.decoded.table]
  with    = concat(retrain.methods[*].history, retrain.heads[*].history)
  on      = ["task", "depth", "family", "algorithm", "point", "seed", "step"]
  columns = ["core_correlation_after", "worst_group_accuracy_after"]
  missing = "null"
}

locals {
  # What each rule of selection goes by when it chooses a point of the search: the first of equals.
  scores = {
    last                        = ["point"]
    best_validation_accuracy    = ["-validation_accuracy", "point"]
    best_validation_worst_group = ["-validation_worst_group_accuracy", "point"]
  }

  rules     = { last = "last", average = "best_validation_accuracy", worst = "best_validation_worst_group" }
  main_rule = local.rules.worst

  kept = [
    "point", "step", "steps", "label_access", "accuracy", "accuracy_00", "accuracy_01", "accuracy_10", "accuracy_11",
    "worst_group", "worst_group_accuracy", "test_worst_group_accuracy", "train_weighted_accuracy", "group_mean_accuracy",
    "core_correlation", "core_floor", "spurious_correlation", "spurious_floor", "unseen_core_correlation",
    "decoded_core", "decoded_spurious", "core_correlation_after", "worst_group_accuracy_after", "diverged_step", "note",
  ]
}

# A row for each setting, depth, method, seed and rule: the point that validation chose for that seed.
stage "aggregate" "chosen" {
  for_each = [for rule in keys(local.scores) : { selection = rule }]
  tables   = [join.measured.table]
  where    = { selection = each.selection }
  by       = ["task", "depth", "family", "algorithm", "seed"]
  sort     = local.scores[each.selection]
  result   = { for column in local.kept : column => { function = "first", column = column } }
}

# The rules side by side: all that is kept by one of them, and what matters most by each.
stage "aggregate" "rules" {
  tables = aggregate.chosen[*].table
  by     = ["task", "depth", "family", "algorithm", "seed"]
  result = merge(
    { for column in local.kept : column => { function = "first", column = column, where = { selection = local.main_rule } } },
    { for name, rule in local.rules : "wga_${name}" => { function = "first", column = "worst_group_accuracy", where = { selection = rule } } },
    { for name, rule in local.rules : "decoded_${name}" => { function = "first", column = "decoded_core", where = { selection = rule } } },
    {
      decoded_spurious_average = { function = "first", column = "decoded_spurious", where = { selection = local.rules.average } }
      llr_average              = { function = "first", column = "core_correlation_after", where = { selection = local.rules.average } }
    },
  )
}

# Means over seeds, for figures.
stage "aggregate" "means" {
  tables = [aggregate.rules.table]
  by     = ["task", "depth", "family", "algorithm"]
  result = { for column in ["worst_group_accuracy", "decoded_average"] : column => { function = "mean", column = column } }
}
