locals {
  rules = [
    { selection = "last", score = "point" },
    { selection = "best_validation_accuracy", score = "-validation_accuracy" },
    { selection = "best_validation_worst_group", score = "-validation_worst_group_accuracy" },
  ]
  scores = { for r in local.rules : r.selection => r.score }

  kept = [
    "point", "step", "steps", "label_access", "accuracy", "accuracy_00", "accuracy_01", "accuracy_10", "accuracy_11",
    "worst_group", "worst_group_accuracy", "test_worst_group_accuracy", "train_weighted_accuracy", "group_mean_accuracy",
    "core_correlation", "core_floor", "spurious_correlation", "spurious_floor", "unseen_core_correlation",
    "decoded_core", "decoded_spurious", "core_correlation_after", "worst_group_accuracy_after", "note",
  ]
}

stage "aggregate" "chosen" {
  for_each = [for r in local.rules : { selection = r.selection }]
  tables   = [join.measured.table]
  where    = { selection = each.selection }
  by       = ["setting", "depth", "algorithm", "seed"]
  sort     = [local.scores[each.selection], "point"]
  result   = { for c in local.kept : c => { function = "first", column = c } }
}

stage "comparison" "methods" {
  tables      = aggregate.chosen[*].table
  where       = { selection = "best_validation_accuracy" }
  rows        = ["setting", "depth", "algorithm"]
  measures    = ["worst_group_accuracy", "worst_group", "core_correlation", "spurious_correlation", "decoded_core", "decoded_spurious", "core_correlation_after", "label_access"]
  baseline    = { algorithm = "erm" }
  differences = ["worst_group_accuracy", "decoded_core"]
  sort        = "-worst_group_accuracy"
  intervals   = "half"
  decimals    = 2
  names       = { worst_group_accuracy = "WGA" }
}
