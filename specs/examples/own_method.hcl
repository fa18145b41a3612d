# A method of your own beside a built-in one: a Python program reads a data set, fits, and writes its
# predictions and a table of results. It is cached like any stage: it runs again when the script, an
# argument, a variable that it inherits, or the contents of its inputs change.
#
#   pip install numpy pyarrow
#   spurion run specs/examples/own_method.hcl

description = "Ridge regression on products of coordinates, beside a network"

sweep "data" {
  seed = range(2)
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
  for_each = [generate.finite, [for d in [1, 3] : { degree = d }]]
  command  = ["python3", "specs/examples/ridge.py", each.degree]
  files    = ["specs/examples/ridge.py"]
  inputs   = { data = each.dataset } # laid out as inputs/data.parquet
  timeout  = 120

  # Nothing else is in its environment. One thread, so that sums have one order.
  environment = { OPENBLAS_NUM_THREADS = 1, OMP_NUM_THREADS = 1 }

  output "predictions" { path = "predictions.parquet" }
  output "summary" { path = "summary.parquet" }
}

stage "debias" "erm" {
  for_each = generate.finite
  data     = each.dataset
  method "erm" {}
  steps = 2000
  batch = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = 0.3 }
}

stage "table" "results" {
  tables  = [exec.ridge[*].summary, debias.erm[*].summary]
  columns = ["method", "accuracy", "worst_group_accuracy"]
  where   = { selection = "last" }
  sort    = ["method", "degree", "seed"]
}

claim "ridge_needs_degree_three" {
  says = "With products of three coordinates the worst group is classified as well as the others."
  test "threshold" {
    table    = exec.ridge.summary
    column   = "worst_group_accuracy"
    where    = { degree = "3" }
    at_least = 0.95
  }
}
