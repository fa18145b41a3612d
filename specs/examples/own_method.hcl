# A method of your own beside built-in ones: a Python program reads a data set, fits, and writes its
# predictions. It is cached like any stage: it runs again when the script, an argument, a variable that
# it inherits, or the contents of its inputs change.
#
#   pip install numpy pyarrow
#   spurion run specs/examples/own_method.hcl

description = "Ridge regression on products of coordinates, beside networks"

sweep "data" {
  seed = range(3)
}

stage "generate" "finite" {
  for_each   = sweep.data
  dimensions = 12
  core       = parity(3)
  spurious   = parity(1)
  strength   = 0.9
  samples    = 2000
  validation = 500
  test       = 500
}

# Ridge regression on all products of up to so many coordinates.
stage "exec" "ridge" {
  for_each = [generate.finite, { ridge_1 = 1, ridge_3 = 3 }]
  command  = ["python3", "specs/examples/ridge.py", each.value]
  files    = ["specs/examples/ridge.py"]
  inputs   = { data = each.dataset } # laid out as inputs/data.parquet
  timeout  = 120

  # Nothing else is in its environment. One thread, so that sums have one order.
  environment = { OPENBLAS_NUM_THREADS = 1, OMP_NUM_THREADS = 1 }

  output "predictions" { path = "predictions.parquet" }
}

# What debias says of a network, said of the predictions: accuracies of the groups, correlations. The program has
# no checkpoints to select from, so that its predictions stand for every rule.
stage "score" "ridge" {
  for_each     = exec.ridge
  data         = each.dataset
  predictions  = each.predictions
  method       = "ridge"
  label_access = "none"
  selection    = ["last", "best_validation_accuracy", "best_validation_worst_group"]
}

stage "debias" "networks" {
  for_each = [generate.finite, { erm = { name = "erm" }, group_balance = { name = "group_balance" } }]
  data     = each.dataset
  method   = each.value
  steps    = 500
  batch    = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = 0.3 }
}

# All methods in one table, with the built-in ones' intervals and differences.
stage "comparison" "methods" {
  tables      = concat(score.ridge[*].summary, debias.networks[*].summary)
  where       = { selection = "last" }
  rows        = ["key"]
  measures    = ["worst_group_accuracy", "worst_group", "core_correlation", "label_access"]
  baseline    = { key = "erm" }
  differences = ["worst_group_accuracy"]
  sort        = "-worst_group_accuracy"
  names       = { key = "method", erm = "ERM", ridge_1 = "ridge, degree 1", ridge_3 = "ridge, degree 3", worst_group_accuracy = "WGA" }
}

claim "ridge_needs_degree_three" {
  says = "With products of three coordinates the worst group is classified as well as the others."
  test "threshold" {
    table    = score.ridge.summary
    column   = "worst_group_accuracy"
    where    = { key = "ridge_3", selection = "last" }
    at_least = 0.95
  }
}
