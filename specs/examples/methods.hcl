# A finite data set, and methods against spurious correlations side by side: which accuracy does the
# worst group reach, and which labels did the method read for it?
#
#   spurion run specs/examples/methods.hcl

description = "Four methods on one finite data set"

sweep "seeds" {
  seed = range(3)
}

# Finite sets, drawn once. With samples = 0, the default, training draws fresh samples at each step.
stage "generate" "finite" {
  for_each   = sweep.seeds
  dimensions = 16
  core       = parity(3)
  spurious   = parity(1)
  strength   = 0.9
  samples    = 2000
  validation = 500
  test       = 500
}

# A map crossed with the data sets: the keys of the map are the values of the axis called key, and
# each.value is what stands under a key. A block such as method can also be given as an object,
# with its label as name.
stage "debias" "methods" {
  for_each = [
    generate.finite,
    {
      erm           = { name = "erm" }
      group_balance = { name = "group_balance" }
      group_dro     = { name = "group_dro", rate = 0.02 }
      jtt           = { name = "jtt", first_epochs = 1, upweight = 20 }
    },
  ]
  data   = each.dataset
  method = each.value
  steps  = 2000
  batch  = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = 0.3 }
}

# One row for each method, seed and rule of selection. label_access says what was read beyond the
# labels of the training set.
stage "table" "results" {
  tables  = debias.methods.summary
  columns = ["selection", "label_access", "step", "worst_group_accuracy", "core_correlation"]
  where   = { selection = "best_validation_accuracy" }
  sort    = ["key"]
}

# What JTT took for the minority, against the true one.
stage "table" "inferred" {
  tables  = debias.methods[{ key = "jtt" }].inference
  columns = ["step", "size", "minority", "precision", "recall", "jaccard"]
}

# The same for a paper: means over seeds with their intervals, and differences from erm, seed by seed. It is printed
# after the run, stands in report.html, and is written as Markdown and LaTeX too.
stage "comparison" "methods" {
  tables      = debias.methods.summary
  where       = { selection = "best_validation_accuracy" }
  rows        = ["method"]
  measures    = ["worst_group_accuracy", "worst_group", "core_correlation", "label_access"]
  baseline    = { method = "erm" }
  differences = ["worst_group_accuracy"]
  sort        = "-worst_group_accuracy"
  names       = { worst_group_accuracy = "WGA", core_correlation = "core correlation" }
}
