# R1b. The paper: the simpler the spurious feature, the later the core feature is learned.
#
# Settings (ours), λ = .9: a staircase of degree 5 among 40 coordinates beside staircases of degree 1, 3 and 5, width 64,
# batch 64, at both ends of the rates (.2 and .3) between which the effect is said to show; a parity of degree 4 beside
# parities of degree 1, 2 and 3 at MIN.
# Claims: T95 falls as the spurious degree rises from 1 to 5, and at 1 its median is at least 1.6 times that at 5; beside
# the parity, that at 1 and that at 2 are each at least 1.25 times that at 3. The bounds are on the estimated ratio.
#
# Beyond the paper: under a parity core, degree 1 does not slow the core down more than degree 2 does, or it is the
# other way round. The last claim is the finding as the paper words it, for these two: it is expected to fail,
# and is here so that the exception is seen.

sweep "staircases" {
  degree        = [1, 3, 5]
  learning_rate = [0.2, 0.3]
  seed          = local.seeds
}

sweep "parities" {
  degree = [1, 2, 3]
  seed   = local.seeds
}

stage "generate" "staircases" {
  for_each   = sweep.staircases
  dimensions = 40
  core       = staircase(5)
  spurious   = staircase(each.degree)
  strength   = 0.9
}

stage "generate" "parities" {
  for_each   = sweep.parities
  dimensions = local.min.dimensions
  core       = parity(4)
  spurious   = parity(each.degree)
  strength   = 0.9
}

stage "train" "staircases" {
  for_each = generate.staircases
  data     = each.dataset
  steps    = 100000
  batch    = local.std.batch
  network { hidden = [local.std.width] }
  optimizer "sgd" {
    rate = each.learning_rate
  }
  evaluation { every = 50 }
  stop { core_correlation = 0.95 }
  checkpoints { at = [0] }
}

stage "train" "parities" {
  for_each = generate.parities
  data     = each.dataset
  steps    = 60000
  batch    = local.min.batch
  network { hidden = [local.min.width] }
  optimizer "sgd" {
    rate = local.min.rate
  }
  evaluation { every = 50 }
  stop { core_correlation = 0.95 }
  checkpoints { at = [0] }
}

# The heat map: all spurious degrees against all λ, at MIN. Its spurious degrees of R1a's tasks are runs of R1a.
locals {
  degrees = { parity = [1, 2, 3], staircase = [1, 3, 5] }
}

sweep "map" {
  family   = keys(local.degrees)
  degree   = [1, 2, 3, 5]
  strength = [0.5, 0.6, 0.8, 0.9, 0.95]
  seed     = local.seeds
}

stage "generate" "map" {
  for_each   = [for p in sweep.map : p if contains(local.degrees[p.family], p.degree)]
  dimensions = local.min.dimensions
  core       = each.family == "parity" ? parity(4) : staircase(5)
  spurious   = each.family == "parity" ? parity(each.degree) : staircase(each.degree)
  strength   = each.strength
}

stage "train" "map" {
  for_each = generate.map
  data     = each.dataset
  steps    = 60000
  batch    = local.min.batch
  network { hidden = [local.min.width] }
  optimizer "sgd" {
    rate = local.min.rate
  }
  evaluation { every = 50 }
  stop { core_correlation = 0.95 }
  checkpoints { at = [0] }
}

stage "figure" "r1b_staircases" {
  table   = train.staircases[*].summary
  title   = "The simpler the spurious staircase, the later a staircase of 5"
  caption = "λ = .9; 40 coordinates, width 64"
  plot "curves" {
    x       = "degree"
    y       = ["core_learned_step"]
    color   = "learning_rate"
    points  = true
    x_label = "degree of the spurious staircase"
    y_label = "core learned (T95, steps)"
    names   = { "0.2" = "rate 0.2", "0.3" = "rate 0.3" }
  }
}

stage "figure" "r1b_parities" {
  table   = train.parities[*].summary
  title   = "Beside a parity of 4, a spurious parity of 3 slows least, and 1 no more than 2"
  caption = "λ = .9; MIN: 16 coordinates, width 32"
  plot "bars" {
    x       = "degree"
    y       = ["core_learned_step"]
    points  = true
    x_label = "degree of the spurious parity"
    y_label = "core learned (T95, steps)"
  }
}

stage "figure" "r1b_map" {
  table   = train.map[*].summary
  title   = "When the core is learned, by the strength and the degree of the spurious feature"
  caption = "MIN: 16 coordinates, width 32; no cell: not run"
  plot "heatmap" {
    x       = "strength"
    y       = ["degree"]
    value   = "core_learned_step"
    facet   = "family"
    x_label = "confounder strength λ"
    y_label = "spurious degree"
    names   = { parity = "parity of 4", staircase = "staircase of 5", core_learned_step = "T95" }
  }
}

claim "r1b_staircase" {
  for_each    = [{ learning_rate = 0.2 }, { learning_rate = 0.3 }]
  says        = "The simpler the spurious staircase, the later a staircase of 5: rate ${each.learning_rate}."
  source      = "R1b; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R1b
  setting     = "ours"
  test "trend" {
    table     = train.staircases[{ learning_rate = each.learning_rate }].summary
    x         = "degree"
    y         = "core_learned_step"
    direction = "decreasing"
    block     = "seed"
    missing   = "above"
    min_ratio = 1.6
  }
}

claim "r1b_parity" {
  for_each    = [{ degree = 1 }, { degree = 2 }]
  says        = "A spurious parity of ${each.degree} slows a parity of 4 down more than one of 3 does: MIN."
  source      = "R1b; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R1b
  setting     = "ours"
  test "trend" {
    table     = [train.parities[{ degree = each.degree }].summary, train.parities[{ degree = 3 }].summary]
    x         = "degree"
    y         = "core_learned_step"
    direction = "decreasing"
    block     = "seed"
    missing   = "above"
    min_ratio = 1.25
  }
}

claim "r1b_parity_1_2" {
  says        = "A spurious parity of 1 slows a parity of 4 down more than one of 2 does: MIN. Expected to fail."
  source      = "R1b, the exception; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R1b
  setting     = "ours"
  test "paired" {
    table   = train.parities.summary
    y       = "core_learned_step"
    larger  = { degree = "1" }
    smaller = { degree = "2" }
    effect  = "ratio"
    missing = "above"
  }
}
