# Learned, or memorised? A finite training set holds some values of the core block and not others. train measures the
# network on those that no sample has: there a lookup table has nothing to say.
#
#   spurion run specs/examples/unseen.hcl

description = "Accuracy on core inputs that no training sample has"

locals {
  # Both read the same block of ten coordinates, 1,024 values, of which 1,000 samples hold about 640.
  tasks = {
    parity = parity(2)
    random = random(10, 1) # each value has a label of its own: of those that no sample has there is nothing to know
  }
}

sweep "runs" {
  task = keys(local.tasks)
  seed = range(6)
}

stage "generate" "set" {
  for_each    = sweep.runs
  dimensions  = 12
  core        = local.tasks[each.task]
  core_length = 10
  spurious    = parity(1)
  strength    = 0.5
  samples     = 1000
}

stage "train" "erm" {
  for_each = generate.set
  data     = each.dataset
  steps    = 3000
  batch    = 50
  network { hidden = [256] }
  optimizer "sgd" { rate = 0.5 }
  evaluation { every = 300 }
}

stage "figure" "unseen" {
  table = train.erm[*].history
  title = "On all core inputs, and on those that no sample has"
  plot "curves" {
    x       = "step"
    y       = ["core_correlation", "unseen_core_correlation"]
    facet   = "task"
    y_label = "core correlation"
    names   = { core_correlation = "all", unseen_core_correlation = "unseen", parity = "a parity of two coordinates", random = "a random function of ten" }
  }
}

claim "parity_is_learned" {
  says = "A parity of two of ten coordinates is learned: it holds on core inputs that no sample has, for every seed."
  test "always" {
    table = train.erm[{ task = "parity" }].summary
    y     = "unseen_core_correlation"
    is    = "above"
    value = 0.9
  }
}

claim "random_is_memorised" {
  says = "Of a random function nothing is learned beyond the samples: on core inputs that none has it is not there, for every seed."
  test "always" {
    table = train.erm[{ task = "random" }].summary
    y     = "unseen_core_correlation"
    is    = "below"
    value = 0.15 # three standard errors of a mean over 380 values
  }
}
