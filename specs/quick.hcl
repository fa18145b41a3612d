# A small but real experiment, in seconds: does a spurious correlation slow down the core feature, does the
# spurious feature stay, and what do last-layer retraining and debiasing do about it?
# The setting is ours; the paper (arXiv 2403.03375) does not publish its own.

description = "A parity core feature beside a simpler, spuriously correlated one"

variable "seeds" {
  type        = number
  default     = 3
  description = "How many seeds each setting is repeated with."
  validation {
    condition     = var.seeds >= 1
    error_message = "There must be at least one seed."
  }
}

variable "steps" {
  type        = number
  default     = 20000
  description = "Gradient steps of each training."
}

sweep "grid" {
  strength = [0.6, 0.8, 0.9, 0.95] # the confounder strength λ
  seed     = range(var.seeds)
}

# Label: the product of four of 16 coordinates. Spurious attribute: the product of two others.
stage "generate" "parity" {
  for_each   = sweep.grid
  dimensions = 16
  core       = parity(4)
  spurious   = parity(2)
  strength   = each.strength
}

stage "train" "erm" {
  for_each = generate.parity
  data     = each.dataset
  steps    = var.steps
  batch    = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = 0.3 }
  evaluation { every = 100 }
  checkpoints {
    at = [400, 800, 1200, 1600, 2000, 2400, 2800, 3200, 3600, 4000, 10000]
  }
}

stage "probe" "decoded" {
  for_each = train.erm
  model    = each.model
}

stage "retrain" "llr" {
  for_each = train.erm
  model    = each.model
}

# The easy control for methods that infer groups: a finite set whose spurious feature is one coordinate.
stage "generate" "easy" {
  for_each   = [for s in range(var.seeds) : { seed = s }]
  dimensions = 16
  core       = parity(3)
  spurious   = parity(1)
  strength   = 0.9
  samples    = 4000
  validation = 1000
  test       = 1000
}

locals {
  budget = 4000 # gradient steps of every method, first stages included
  rate   = 0.3
}

stage "debias" "erm" {
  for_each = generate.easy
  data     = each.dataset
  method "erm" {}
  steps = local.budget
  batch = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = local.rate }
}

stage "debias" "group_balance" {
  for_each = generate.easy
  data     = each.dataset
  method "group_balance" {}
  steps = local.budget
  batch = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = local.rate }
}

stage "debias" "group_dro" {
  for_each = generate.easy
  data     = each.dataset
  method "group_dro" {}
  steps = local.budget
  batch = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = local.rate }
}

stage "debias" "jtt" {
  for_each = generate.easy
  data     = each.dataset
  method "jtt" {
    first_epochs = 1
    upweight     = 20
  }
  steps = local.budget
  batch = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = local.rate }
}

stage "table" "methods" {
  tables = [
    debias.erm[*].summary,
    debias.group_balance[*].summary,
    debias.group_dro[*].summary,
    debias.jtt[*].summary,
  ]
}

stage "figure" "learned_later" {
  table   = train.erm[*].summary
  title   = "The stronger the spurious correlation, the later the core feature is learned"
  caption = "Parity of degree 4 beside parity of degree 2 on 16 coordinates"
  plot "fit" {
    x       = "strength"
    y       = ["core_learned_step"]
    laws    = ["inverse", "balance"]
    points  = true
    x_label = "confounder strength λ"
    y_label = "core feature learned (T95, steps)"
  }
}

stage "figure" "correlations" {
  table = train.erm[*].history
  title = "The spurious feature first, then the core feature"
  plot "curves" {
    x        = "step"
    y        = ["core_correlation", "spurious_correlation"]
    facet    = "strength"
    x_limits = [0, 5000]
    y_lines  = [0.95]
    y_label  = "correlation with the network's output"
    names    = { strength = "λ", core_correlation = "core", spurious_correlation = "spurious" }
  }
}

stage "figure" "retrained" {
  table = retrain.llr[*].history
  title = "Retraining the last layer takes its weight off the spurious neurons"
  where = { step = "2000" }
  plot "bars" {
    x       = "strength"
    y       = ["spurious_weight_share_before", "spurious_weight_share_after"]
    points  = true
    x_label = "confounder strength λ"
    y_label = "share of last-layer weight"
    names = {
      spurious_weight_share_before = "before retraining"
      spurious_weight_share_after  = "after"
    }
  }
}

stage "figure" "decoded" {
  table = probe.decoded[*].decoded
  title = "What can be decoded from the hidden layer"
  where = { strength = "0.9" }
  plot "curves" {
    x       = "step"
    y       = ["decoded_core", "decoded_spurious"]
    y_lines = [0.75]
    y_label = "decoded correlation"
    names   = { decoded_core = "core", decoded_spurious = "spurious" }
  }
}

claim "stronger_is_slower" {
  says   = "The stronger the spurious correlation, the later the core feature is learned."
  source = "R1a; Qiu, Kuang and Goel 2024, section 4"
  test "trend" {
    table     = train.erm.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    missing   = "above" # a run that never got there is later than all that did
  }
}

claim "spurious_stays" {
  says   = "After the core feature is learned, the spurious one can still be decoded."
  source = "R4; Qiu, Kuang and Goel 2024, section 4"
  test "threshold" {
    table    = probe.decoded.decoded
    column   = "decoded_spurious"
    where    = { strength = "0.9", core_correlation = ">= 0.98" }
    at_least = 0.75
  }
}

claim "retraining_is_sooner" {
  says   = "With the last layer retrained, a network reaches a worst-group accuracy of 0.9 sooner, for every seed."
  source = "R5; Qiu, Kuang and Goel 2024, section 4"
  test "threshold" {
    table   = retrain.llr.summary
    column  = "robust_lead"
    where   = { strength = "0.95" }
    above   = 0
    missing = "fail" # a network that never got there is not sooner
  }
}

claim "errors_are_the_minority" {
  says   = "Where the spurious feature is one coordinate, the errors of a briefly trained network are the minority groups."
  source = "R6, the easy control"
  test "threshold" {
    table    = debias.jtt.inference
    column   = "jaccard"
    where    = { used = "true" }
    at_least = 0.95
  }
}
