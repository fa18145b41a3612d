# Data of your own: a Python program makes (or converts) a data set, and the built-in methods train
# on it. They know no law of it, so accuracies are measured on its test split.
#
#   pip install numpy pyarrow
#   spurion run specs/examples/own_data.hcl

description = "Gaussian features with a spurious attribute that is easier to see than the label"

sweep "data" {
  strength = [0.6, 0.95]
  seed     = range(2)
}

stage "exec" "gaussian" {
  for_each    = sweep.data
  command     = ["python3", "specs/examples/gaussian.py", each.strength]
  files       = ["specs/examples/gaussian.py"]
  seed        = each.seed # the variable SPURION_SEED of the program
  environment = { OPENBLAS_NUM_THREADS = 1 }

  output "dataset" {
    path = "data.parquet"
    type = "dataset" # checked, so that every input that takes a dataset takes it
  }
}

stage "debias" "erm" {
  for_each = exec.gaussian
  data     = each.dataset
  method "erm" {}
  steps = 1000
  batch = 32
  network { hidden = [16] }
  optimizer "adam" { rate = 0.003 }
}

stage "debias" "group_balance" {
  for_each = exec.gaussian
  data     = each.dataset
  method "group_balance" {}
  steps = 1000
  batch = 32
  network { hidden = [16] }
  optimizer "adam" { rate = 0.003 }
}

stage "table" "results" {
  tables  = [debias.erm[*].summary, debias.group_balance[*].summary]
  columns = ["method", "label_access", "accuracy", "worst_group_accuracy"]
  where   = { selection = "best_validation_worst_group" }
}
