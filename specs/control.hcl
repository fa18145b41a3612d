# The negative control of specs/paper: its claims about λ where there is nothing to find. All data have λ = .5, so label and
# attribute are independent, and every claim must come out as "not reproduced".
#
#   spurion run specs/control.hcl
#
# Claims and bounds are those of specs/paper, settings its MIN. In R1a the axis `nominal` stands where λ stands: runs of different
# nominal λ differ in nothing but their seeds, which are all different, as otherwise each would be the same run. Left out are the claims of
# the paper's spec that hold without any correlation too: conditions, that something does not happen, and gaps at initialisation.

description = "The claims of the paper's reproduction on data without correlation: all must fail"

variable "seeds" {
  type        = number
  default     = 20
  description = "How many seeds each setting is repeated with."
}

locals {
  seeds = range(var.seeds)
  tasks = {
    par3_1 = { core = parity(3), spurious = parity(1) }
    par4_1 = { core = parity(4), spurious = parity(1) }
    par4_2 = { core = parity(4), spurious = parity(2) }
    st5_1  = { core = staircase(5), spurious = staircase(1) }
    st5_3  = { core = staircase(5), spurious = staircase(3) }
    st7_3  = { core = staircase(7), spurious = staircase(3) }
  }
}

sweep "tasks" {
  task = keys(local.tasks)
}

sweep "pair" {
  task = ["par4_2", "st5_3"]
}

# R1a, and the law of R7: T95 against a λ in name only.
sweep "nominal" {
  task    = keys(local.tasks)
  nominal = [0.6, 0.8, 0.9, 0.95]
  seed    = local.seeds
}

stage "generate" "nominal" {
  for_each   = sweep.nominal
  dimensions = 16
  core       = local.tasks[each.task].core
  spurious   = local.tasks[each.task].spurious
  strength   = 0.5
}

stage "train" "nominal" {
  for_each = generate.nominal
  data     = each.dataset
  seed     = each.seed + ceil(1000 * each.nominal)
  steps    = 60000
  batch    = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = 0.3 }
  evaluation { every = 50 }
  stop { core_correlation = 0.95 }
  checkpoints { at = [0] }
}

claim "r1a" {
  for_each = sweep.tasks
  says     = "T95 rises with λ, in name only: ${each.task}."
  source   = "R1a, without correlation"
  setting  = "ours"
  test "trend" {
    table     = train.nominal[{ task = each.task }].summary
    x         = "nominal"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    missing   = "above"
    min_ratio = 2.5
  }
}

claim "r1a_every" {
  for_each = sweep.tasks
  says     = "T95 at λ = .95 is above T95 at .6, in name only, in more than .6 of all pairs of seeds: ${each.task}."
  source   = "R1a, without correlation"
  setting  = "ours"
  test "compare" {
    table      = train.nominal[{ task = each.task }].summary
    y          = "core_learned_step"
    larger     = { nominal = "0.95" }
    smaller    = { nominal = "0.6" }
    effect     = "superiority"
    min_effect = 0.6
    missing    = "above"
  }
}

claim "r7_law" {
  for_each = sweep.pair
  says     = "T95 grows with λ, in name only, as a / (4λ(1-λ)): ${each.task}."
  source   = "R7, without correlation"
  setting  = "ours"
  test "fit" {
    table  = train.nominal[{ task = each.task }].summary
    x      = "nominal"
    y      = "core_learned_step"
    law    = "1/(4x(1-x))"
    min_r2 = 0.8
  }
}

# R1b: spurious features of different degrees that are not correlated with the label.
locals {
  degrees = { parity = [1, 2, 3], staircase = [1, 3, 5] }
}

sweep "degrees" {
  family = keys(local.degrees)
  degree = [1, 2, 3, 5]
  seed   = local.seeds
}

stage "generate" "degrees" {
  for_each   = [for p in sweep.degrees : p if contains(local.degrees[p.family], p.degree)]
  dimensions = 16
  core       = each.family == "parity" ? parity(4) : staircase(5)
  spurious   = each.family == "parity" ? parity(each.degree) : staircase(each.degree)
  strength   = 0.5
}

stage "train" "degrees" {
  for_each = generate.degrees
  data     = each.dataset
  seed     = each.seed + 100 * each.degree
  steps    = 60000
  batch    = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = 0.3 }
  evaluation { every = 50 }
  stop { core_correlation = 0.95 }
  checkpoints { at = [0] }
}

claim "r1b" {
  for_each = [{ family = "parity", ratio = 1.25 }, { family = "staircase", ratio = 1.6 }]
  says     = "The simpler a spurious ${each.family} that is not correlated, the later the core."
  source   = "R1b, without correlation"
  setting  = "ours"
  test "trend" {
    table     = train.degrees[{ family = each.family }].summary
    x         = "degree"
    y         = "core_learned_step"
    direction = "decreasing"
    block     = "seed"
    missing   = "above"
    min_ratio = each.ratio
  }
}

# R2, R3, R4 and R5: what a network that never met the correlation has of the spurious feature.
sweep "plain" {
  task = sweep.pair[*].task
  seed = local.seeds
}

stage "generate" "plain" {
  for_each   = sweep.plain
  dimensions = 16
  core       = local.tasks[each.task].core
  spurious   = local.tasks[each.task].spurious
  strength   = 0.5
}

stage "train" "decayed" {
  for_each = generate.plain
  data     = each.dataset
  steps    = 10000
  batch    = 32
  network { hidden = [32] }
  optimizer "sgd" {
    rate         = 0.3
    weight_decay = 0.003
  }
  evaluation { every = 1000 }
  checkpoints { at = [10000] }
}

stage "probe" "decayed" {
  for_each    = train.decayed
  model       = each.model
  checkpoints = "last"
  parts       = true
}

claim "r2_spurious" {
  for_each = sweep.pair
  says     = "The spurious feature decodes above .75 from the neurons of r <= .5, for most seeds: ${each.task}."
  source   = "R2, without correlation"
  setting  = "ours"
  test "always" {
    table          = probe.decayed[{ task = each.task }].parts
    y              = "decoded_spurious"
    is             = "above"
    value          = 0.75
    where          = { part = "spurious" }
    missing        = "fail" # no such neuron is left
    at_least_share = 0.5
  }
}

stage "train" "plain" {
  for_each = generate.plain
  data     = each.dataset
  steps    = 4000
  batch    = 32
  network { hidden = [32] }
  optimizer "sgd" { rate = 0.3 }
  evaluation { every = 50 }
  checkpoints { every = 100 }
}

claim "r3_alone" {
  says    = "For more than .4 of the time up to T95 only the spurious feature is learned, for most seeds: par4_2."
  source  = "R3, without correlation"
  setting = "ours"
  test "always" {
    table          = train.plain[{ task = "par4_2" }].summary
    y              = "spurious_phase_share"
    is             = "above"
    value          = 0.4
    at_least_share = 0.5
  }
}

stage "probe" "plain" {
  for_each    = train.plain
  model       = each.model
  checkpoints = "last"
}

claim "r4_kept" {
  says    = "The spurious feature decodes above .75 long after the core is learned, for most seeds: par4_2."
  source  = "R4, without correlation"
  setting = "ours"
  test "always" {
    table          = probe.plain[{ task = "par4_2" }].decoded
    y              = "decoded_spurious"
    is             = "above"
    value          = 0.75
    at_least_share = 0.5
  }
}

stage "retrain" "llr" {
  for_each = train.plain
  model    = each.model
  samples  = 2000
}

claim "r5_sooner" {
  for_each = sweep.pair
  says     = "LLR reaches a WGA of .9 before plain training does, for most seeds: ${each.task}."
  source   = "R5, without correlation"
  setting  = "ours"
  test "always" {
    table          = retrain.llr[{ task = each.task }].summary
    y              = "robust_lead"
    is             = "above"
    value          = 0
    missing        = "fail"
    at_least_share = 0.5
  }
}

# R6: the errors of a briefly trained network, where half of the samples are of the minority.
sweep "errors" {
  seed = local.seeds
}

stage "generate" "errors" {
  for_each   = sweep.errors
  dimensions = 34
  core       = parity(4)
  spurious   = parity(2)
  strength   = 0.5
  samples    = 60000
}

stage "debias" "errors" {
  for_each = generate.errors
  data     = each.dataset
  method "erm" {}
  steps = 3 * 938 # 3 epochs
  batch = 64
  network { hidden = [64] }
  optimizer "sgd" { rate = 0.1 }
  evaluation { every = 938 }
}

claim "r6_easy" {
  says    = "The errors of the first three epochs are the minority: Jaccard above .95, for most seeds."
  source  = "R6, without correlation"
  setting = "ours"
  test "always" {
    table          = debias.errors[*].inference
    y              = "jaccard"
    is             = "above"
    value          = 0.95
    where          = { step = ">= 938" }
    missing        = "fail"
    at_least_share = 0.5
  }
}

# R7: without correlation descent has no reason to see the spurious feature.
stage "theory" "gaps" {
  for_each = generate.plain
  data     = each.dataset
  network { hidden = [32] }
  batch   = 32
  samples = 10 * 32
}

claim "r7_descent" {
  says    = "Descent sees the larger gap for the spurious feature, for most seeds."
  source  = "R7, without correlation"
  setting = "ours"
  test "always" {
    table          = theory.gaps.summary
    y              = "spurious_population_gap"
    is             = "above"
    than           = "core_population_gap"
    at_least_share = 0.5
  }
}
