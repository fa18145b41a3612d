# R1a. The paper: the stronger the spurious correlation, the later the core feature is learned.
#
# Settings (ours): six pairs of functions, at MIN and at STD. T95 is the first evaluation with a core correlation of at
# least .95; the run ends there. A run that never gets there counts as later than all that do.
# Claims: T95 rises with λ over .6, .8, .9 and .95, and its median at .95 is at least 2.5 times that at .6; and
# that T95 at .95 is above T95 at .6 in every pair of seeds, whichever seed is taken on either side.
#
# Beyond the paper: below .6 it is not monotone for parity. At LARGE, λ = .6 is said to be faster than no correlation
# at all (λ = .5): its own claims, at the end. Seeds are compared with themselves there, as an initialisation
# makes more of a difference than these λ do.

sweep "strengths" {
  task     = keys(local.tasks)
  strength = [0.5, 0.6, 0.8, 0.9, 0.95]
  seed     = local.seeds
}

sweep "weak" {
  task     = ["par3_1", "par4_1", "par4_2"]
  strength = [0.5, 0.6]
  seed     = local.seeds
}

stage "generate" "min" {
  for_each   = sweep.strengths
  dimensions = local.min.dimensions
  core       = local.tasks[each.task].core
  spurious   = local.tasks[each.task].spurious
  strength   = each.strength
}

stage "generate" "std" {
  for_each   = sweep.strengths
  dimensions = local.std.dimensions
  core       = local.tasks[each.task].core
  spurious   = local.tasks[each.task].spurious
  strength   = each.strength
}

stage "generate" "weak_large" {
  for_each   = sweep.weak
  dimensions = local.large.dimensions
  core       = local.tasks[each.task].core
  spurious   = local.tasks[each.task].spurious
  strength   = each.strength
}

stage "train" "min" {
  for_each = generate.min
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

stage "train" "std" {
  for_each = generate.std
  data     = each.dataset
  steps    = 100000
  batch    = local.std.batch
  network { hidden = [local.std.width] }
  optimizer "sgd" {
    rate = local.std.rate
  }
  evaluation { every = 100 }
  stop { core_correlation = 0.95 }
  checkpoints { at = [0] }
}

stage "train" "weak_large" {
  for_each = generate.weak_large
  data     = each.dataset
  steps    = 100000
  batch    = local.large.batch
  network { hidden = [local.large.width] }
  optimizer "sgd" {
    rate = local.large.rate
  }
  evaluation { every = 200 }
  stop { core_correlation = 0.95 }
  checkpoints { at = [0] }
}

claim "r1a_par3_1_min" {
  says    = "The stronger the correlation, the later the core: a parity of 3 beside 1, MIN."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "trend" {
    table     = train.min.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    where     = { task = "par3_1", strength = ">= 0.6" }
    missing   = "above"
    min_ratio = 2.5
  }
}

claim "r1a_par3_1_min_every" {
  says    = "T95 at λ = .95 is above T95 at .6 in every pair of seeds: a parity of 3 beside 1, MIN."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "compare" {
    table      = train.min.summary
    y          = "core_learned_step"
    larger     = { strength = "0.95" }
    smaller    = { strength = "0.6" }
    where      = { task = "par3_1" }
    effect     = "superiority"
    min_effect = 1
    missing    = "above"
  }
}

claim "r1a_par4_1_min" {
  says    = "The stronger the correlation, the later the core: a parity of 4 beside 1, MIN."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "trend" {
    table     = train.min.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    where     = { task = "par4_1", strength = ">= 0.6" }
    missing   = "above"
    min_ratio = 2.5
  }
}

claim "r1a_par4_1_min_every" {
  says    = "T95 at λ = .95 is above T95 at .6 in every pair of seeds: a parity of 4 beside 1, MIN."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "compare" {
    table      = train.min.summary
    y          = "core_learned_step"
    larger     = { strength = "0.95" }
    smaller    = { strength = "0.6" }
    where      = { task = "par4_1" }
    effect     = "superiority"
    min_effect = 1
    missing    = "above"
  }
}

claim "r1a_par4_2_min" {
  says    = "The stronger the correlation, the later the core: a parity of 4 beside 2, MIN."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "trend" {
    table     = train.min.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    where     = { task = "par4_2", strength = ">= 0.6" }
    missing   = "above"
    min_ratio = 2.5
  }
}

claim "r1a_par4_2_min_every" {
  says    = "T95 at λ = .95 is above T95 at .6 in every pair of seeds: a parity of 4 beside 2, MIN."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "compare" {
    table      = train.min.summary
    y          = "core_learned_step"
    larger     = { strength = "0.95" }
    smaller    = { strength = "0.6" }
    where      = { task = "par4_2" }
    effect     = "superiority"
    min_effect = 1
    missing    = "above"
  }
}

claim "r1a_st5_1_min" {
  says    = "The stronger the correlation, the later the core: a staircase of 5 beside 1, MIN."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "trend" {
    table     = train.min.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    where     = { task = "st5_1", strength = ">= 0.6" }
    missing   = "above"
    min_ratio = 2.5
  }
}

claim "r1a_st5_1_min_every" {
  says    = "T95 at λ = .95 is above T95 at .6 in every pair of seeds: a staircase of 5 beside 1, MIN."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "compare" {
    table      = train.min.summary
    y          = "core_learned_step"
    larger     = { strength = "0.95" }
    smaller    = { strength = "0.6" }
    where      = { task = "st5_1" }
    effect     = "superiority"
    min_effect = 1
    missing    = "above"
  }
}

claim "r1a_st5_3_min" {
  says    = "The stronger the correlation, the later the core: a staircase of 5 beside 3, MIN."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "trend" {
    table     = train.min.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    where     = { task = "st5_3", strength = ">= 0.6" }
    missing   = "above"
    min_ratio = 2.5
  }
}

claim "r1a_st5_3_min_every" {
  says    = "T95 at λ = .95 is above T95 at .6 in every pair of seeds: a staircase of 5 beside 3, MIN."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "compare" {
    table      = train.min.summary
    y          = "core_learned_step"
    larger     = { strength = "0.95" }
    smaller    = { strength = "0.6" }
    where      = { task = "st5_3" }
    effect     = "superiority"
    min_effect = 1
    missing    = "above"
  }
}

claim "r1a_st7_3_min" {
  says    = "The stronger the correlation, the later the core: a staircase of 7 beside 3, MIN."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "trend" {
    table     = train.min.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    where     = { task = "st7_3", strength = ">= 0.6" }
    missing   = "above"
    min_ratio = 2.5
  }
}

claim "r1a_st7_3_min_every" {
  says    = "T95 at λ = .95 is above T95 at .6 in every pair of seeds: a staircase of 7 beside 3, MIN."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "compare" {
    table      = train.min.summary
    y          = "core_learned_step"
    larger     = { strength = "0.95" }
    smaller    = { strength = "0.6" }
    where      = { task = "st7_3" }
    effect     = "superiority"
    min_effect = 1
    missing    = "above"
  }
}

claim "r1a_par3_1_std" {
  says    = "The stronger the correlation, the later the core: a parity of 3 beside 1, STD."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "trend" {
    table     = train.std.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    where     = { task = "par3_1", strength = ">= 0.6" }
    missing   = "above"
    min_ratio = 2.5
  }
}

claim "r1a_par3_1_std_every" {
  says    = "T95 at λ = .95 is above T95 at .6 in every pair of seeds: a parity of 3 beside 1, STD."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "compare" {
    table      = train.std.summary
    y          = "core_learned_step"
    larger     = { strength = "0.95" }
    smaller    = { strength = "0.6" }
    where      = { task = "par3_1" }
    effect     = "superiority"
    min_effect = 1
    missing    = "above"
  }
}

claim "r1a_par4_1_std" {
  says    = "The stronger the correlation, the later the core: a parity of 4 beside 1, STD."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "trend" {
    table     = train.std.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    where     = { task = "par4_1", strength = ">= 0.6" }
    missing   = "above"
    min_ratio = 2.5
  }
}

claim "r1a_par4_1_std_every" {
  says    = "T95 at λ = .95 is above T95 at .6 in every pair of seeds: a parity of 4 beside 1, STD."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "compare" {
    table      = train.std.summary
    y          = "core_learned_step"
    larger     = { strength = "0.95" }
    smaller    = { strength = "0.6" }
    where      = { task = "par4_1" }
    effect     = "superiority"
    min_effect = 1
    missing    = "above"
  }
}

claim "r1a_par4_2_std" {
  says    = "The stronger the correlation, the later the core: a parity of 4 beside 2, STD."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "trend" {
    table     = train.std.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    where     = { task = "par4_2", strength = ">= 0.6" }
    missing   = "above"
    min_ratio = 2.5
  }
}

claim "r1a_par4_2_std_every" {
  says    = "T95 at λ = .95 is above T95 at .6 in every pair of seeds: a parity of 4 beside 2, STD."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "compare" {
    table      = train.std.summary
    y          = "core_learned_step"
    larger     = { strength = "0.95" }
    smaller    = { strength = "0.6" }
    where      = { task = "par4_2" }
    effect     = "superiority"
    min_effect = 1
    missing    = "above"
  }
}

claim "r1a_st5_1_std" {
  says    = "The stronger the correlation, the later the core: a staircase of 5 beside 1, STD."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "trend" {
    table     = train.std.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    where     = { task = "st5_1", strength = ">= 0.6" }
    missing   = "above"
    min_ratio = 2.5
  }
}

claim "r1a_st5_1_std_every" {
  says    = "T95 at λ = .95 is above T95 at .6 in every pair of seeds: a staircase of 5 beside 1, STD."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "compare" {
    table      = train.std.summary
    y          = "core_learned_step"
    larger     = { strength = "0.95" }
    smaller    = { strength = "0.6" }
    where      = { task = "st5_1" }
    effect     = "superiority"
    min_effect = 1
    missing    = "above"
  }
}

claim "r1a_st5_3_std" {
  says    = "The stronger the correlation, the later the core: a staircase of 5 beside 3, STD."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "trend" {
    table     = train.std.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    where     = { task = "st5_3", strength = ">= 0.6" }
    missing   = "above"
    min_ratio = 2.5
  }
}

claim "r1a_st5_3_std_every" {
  says    = "T95 at λ = .95 is above T95 at .6 in every pair of seeds: a staircase of 5 beside 3, STD."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "compare" {
    table      = train.std.summary
    y          = "core_learned_step"
    larger     = { strength = "0.95" }
    smaller    = { strength = "0.6" }
    where      = { task = "st5_3" }
    effect     = "superiority"
    min_effect = 1
    missing    = "above"
  }
}

claim "r1a_st7_3_std" {
  says    = "The stronger the correlation, the later the core: a staircase of 7 beside 3, STD."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "trend" {
    table     = train.std.summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    where     = { task = "st7_3", strength = ">= 0.6" }
    missing   = "above"
    min_ratio = 2.5
  }
}

claim "r1a_st7_3_std_every" {
  says    = "T95 at λ = .95 is above T95 at .6 in every pair of seeds: a staircase of 7 beside 3, STD."
  source  = "R1a; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "compare" {
    table      = train.std.summary
    y          = "core_learned_step"
    larger     = { strength = "0.95" }
    smaller    = { strength = "0.6" }
    where      = { task = "st7_3" }
    effect     = "superiority"
    min_effect = 1
    missing    = "above"
  }
}

claim "r1a_par3_1_weak_large" {
  says    = "With a weak correlation (λ = .6) the core is learned sooner than with none (.5): a parity of 3 beside 1, LARGE."
  source  = "R1a, the exception; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "paired" {
    table   = train.weak_large.summary
    y       = "core_learned_step"
    larger  = { strength = "0.5" }
    smaller = { strength = "0.6" }
    where   = { task = "par3_1" }
    effect  = "ratio"
    missing = "above"
  }
}

claim "r1a_par4_1_weak_large" {
  says    = "With a weak correlation (λ = .6) the core is learned sooner than with none (.5): a parity of 4 beside 1, LARGE."
  source  = "R1a, the exception; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "paired" {
    table   = train.weak_large.summary
    y       = "core_learned_step"
    larger  = { strength = "0.5" }
    smaller = { strength = "0.6" }
    where   = { task = "par4_1" }
    effect  = "ratio"
    missing = "above"
  }
}

claim "r1a_par4_2_weak_large" {
  says    = "With a weak correlation (λ = .6) the core is learned sooner than with none (.5): a parity of 4 beside 2, LARGE."
  source  = "R1a, the exception; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "paired" {
    table   = train.weak_large.summary
    y       = "core_learned_step"
    larger  = { strength = "0.5" }
    smaller = { strength = "0.6" }
    where   = { task = "par4_2" }
    effect  = "ratio"
    missing = "above"
  }
}

