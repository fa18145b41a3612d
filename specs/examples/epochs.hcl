# A training as a paper states it: so many epochs, the rate lowered at two of them, and an end when the training set is
# fitted. Which runs got there, and which ended at their cap?
#
#   spurion run specs/examples/epochs.hcl

description = "Training for epochs, until the training set is fitted"

sweep "runs" {
  width = [4, 64]
  seed  = range(12)
}

stage "generate" "set" {
  for_each   = sweep.runs
  dimensions = 16
  core       = parity(3)
  spurious   = parity(1)
  strength   = 0.9
  samples    = 1000
}

# 1,000 samples in batches of 32 are 32 steps an epoch, the last one on the 8 samples that are left over.
stage "train" "erm" {
  for_each = generate.set
  data     = each.dataset
  epochs   = 100
  batch    = 32
  network {
    hidden = [each.width]
    init   = "he_normal"
  }
  optimizer "sgd" {
    rate     = 0.2
    momentum = 0.9
    schedule "step" {
      milestone_epochs = [50, 75]
    }
  }
  evaluation { every_epochs = 1 }
  checkpoints { at_epochs = [1, 10] }
  stop { training_set_loss = 0.01 }
}

# ended names the rule that held, or says steps; capped is true of the runs that took all their steps without one.
stage "aggregate" "endings" {
  tables = train.erm[*].summary
  by     = ["width"]
  result "runs" {
    function = "count"
  }
  result "capped" {
    function = "count"
    where    = { capped = "true" }
  }
  result "longest" {
    function = "max"
    column   = "steps"
  }
}

# The caption says how many runs ended at their cap.
stage "comparison" "widths" {
  tables   = train.erm[*].summary
  rows     = ["width"]
  measures = ["steps", "training_set_loss", "training_set_accuracy", "accuracy", "ended"]
}

# So does the claim's detail: a mean over runs of which some were cut off is not that of runs that converged.
claim "wide_networks_fit" {
  says = "A network of 64 neurons fits the training set within 100 epochs, for every seed."
  test "always" {
    table = train.erm[*].summary
    where = { width = "64" }
    y     = "training_set_accuracy"
    is    = "at_least"
    value = 0.99
  }
}

claim "width_helps" {
  says = "The wider network ends with the lower loss on the training set."
  test "compare" {
    table   = train.erm[*].summary
    y       = "training_set_loss"
    larger  = { width = "4" }
    smaller = { width = "64" }
  }
}
