# R7. Theory: gradient gaps at initialisation, how T95 grows with λ, and why the spurious feature stays.
#
# For unbiased functions D_λ has the density 1 + (2λ-1) f_c f_s against the uniform distribution. So the population gradient
# of a hidden weight is its value for the core feature plus (2λ-1) times its value for the spurious one, each a
# difference of Fourier coefficients of the neuron's threshold: the kind theory computes them exactly, and training's own
# sampled gradients beside them. Settings (ours): networks as at MIN, 1,000 batches of 32 samples each, five λ.
#
# Claims. Agreement: the mean of z² over all weights, z being sampled less exact gradient in standard errors, is 1 within a
# quarter, and no z of a weight or gap is beyond 6 (what chance gives less than once in 500 such runs); over λ from .5 to 1,
# which is also what tests that the spurious part is linear in 2λ-1. (The networks of one seed share their weights and sampling
# noise: a seed is one value.) Gaps: a feature's gap is how much larger the mean
# size of its Fourier coefficients is on the coordinates that it reads than on others; the spurious, simpler
# feature has the larger gap in every network of every pair of R1a; and at λ = .9 descent sees it so, with the factor
# 2λ-1 and all other parts of the gradient in place.
#
# Beyond the paper: a parity of 3 has hardly a larger gap than one of 4. Its claim is worded as the finding would have it, and
# expected to fail: thresholds have small coefficients on even levels, so degree does not order parities alone.
# That agrees with R1b, where a spurious parity of 3 slows the core least.
#
# T95 against λ: of the laws constant, linear, power, exponential, a/(1-λ) and a/(4λ(1-λ)), the last is said to describe it
# best, for λ from .6 on: a lead of 2 in AICc over the best other, and R² of at least .8 on the scale of log T95. It fails
# if another law leads by 2 or R² falls short. It was chosen with seeds from 100 on, of MIN. The medians of
# R1a for seeds 0 to 19 were known by then, at four of these λ.
# The claim is about laws without an intercept. On seeds 100 to 109, with the forms a + b/(1-λ) and a + b/(4λ(1-λ)) among the others,
# none was clearly ahead for par4_2 (lead .3), and for st5_3 the claimed law was 3.5 behind the latter.
#
# Persistence, the theory of R4. A hidden weight's gradient is a mean over inputs of the probability that the network gives to the wrong
# label, times the output weight and ±1 or 0. Once the core is learned these probabilities go to 0, and so does the gradient along the spurious
# weights: without weight decay nothing takes them away. Decay takes a share of each weight at every step, until the loss has
# slopes again that give it back: under D_λ, where the spurious feature still lowers the loss, but not at λ = .5. The argument in
# this form is ours. Networks are those of train.kept at MIN, gradients exact, by theory at some of their checkpoints. The
# "pull" is what a step of descent adds to half the squared norm of all weights on spurious coordinates, for a rate of 1.
# Claims, for most seeds, at step 40,000: without decay the gradient on spurious coordinates, squared, is below 1e-4 of what it is at
# initialisation, and the weights there, squared, above .8 of what they are at step 5,000; with decay 1e-3 the pull gives back more
# than .75 of what decay takes. Controls: under λ = .5 the pull on the same networks is below 0, with decay and without; and
# networks trained with decay at λ = .5 have less than .01 of the spurious weights that they began with, squared. Bounds come from seeds 100
# to 103, which reach 3e-7, .87, .94, -2e-5 and 1e-5 at worst. Checks: the core is learned by step 5,000, and
# sampled gradients agree with the exact ones at all these checkpoints.

locals {
  theory = merge({ for k, t in local.tasks : k => t }, {
    par4_3 = { core = parity(4), spurious = parity(3) }
  })
}

sweep "gaps" {
  task     = keys(local.theory)
  strength = [0.5, 0.6, 0.75, 0.9, 1]
  seed     = local.seeds
}

sweep "laws" {
  task     = sweep.pair[*].task
  strength = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975]
  seed     = local.seeds
}

stage "generate" "gaps" {
  for_each   = sweep.gaps
  dimensions = local.min.dimensions
  core       = local.theory[each.task].core
  spurious   = local.theory[each.task].spurious
  strength   = each.strength
}

stage "theory" "gaps" {
  for_each = generate.gaps
  data     = each.dataset
  network { hidden = [local.min.width] }
  batch   = local.min.batch
  samples = 1000 * local.min.batch
}

stage "generate" "laws" {
  for_each   = sweep.laws
  dimensions = local.min.dimensions
  core       = local.tasks[each.task].core
  spurious   = local.tasks[each.task].spurious
  strength   = each.strength
}

# Settings are those of train.min, so that what both have is computed once.
stage "train" "laws" {
  for_each = generate.laws
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

sweep "looks" {
  step = [0, 500, 1000, 2000, 5000, 10000, 20000, 40000] # checkpoints of train.kept
}

stage "theory" "kept" {
  for_each = [train.kept[{ size = "min" }], sweep.looks]
  model    = each.model
  step     = each.step
  data     = generate.kept[{ size = "min", strength = each.strength, decay = each.decay, seed = each.seed }].dataset
  network { hidden = [local.min.width] }
  batch   = local.min.batch
  samples = 1000 * local.min.batch
  blocks  = true
}

# The networks of λ = .9 at the end, under a law without correlation.
stage "theory" "uncorrelated" {
  for_each = train.kept[{ size = "min", strength = 0.9 }]
  model    = each.model
  step     = 40000
  data     = generate.kept[{ size = "min", strength = 0.5, decay = each.decay, seed = each.seed }].dataset
  network { hidden = [local.min.width] }
  batch   = local.min.batch
  samples = 1000 * local.min.batch
  blocks  = true
}

# Sums over the neurons of a network.
stage "aggregate" "pull" {
  tables = theory.kept[*].blocks
  by     = ["strength", "decay", "seed", "step"]
  where  = { block = "spurious" }
  result "mass" {
    function = "sum"
    column   = "mass"
  }
  result "gradient_mass" {
    function = "sum"
    column   = "gradient_mass"
  }
  result "pull" {
    function = "sum"
    column   = "pull"
  }
  derive = {
    rate = "pull / mass"
    held = "pull / mass / decay" # null without decay
  }
}

stage "aggregate" "pull_uncorrelated" {
  tables = theory.uncorrelated[*].blocks
  by     = ["decay", "seed"]
  where  = { block = "spurious" }
  result "mass" {
    function = "sum"
    column   = "mass"
  }
  result "pull" {
    function = "sum"
    column   = "pull"
  }
  derive = { rate = "pull / mass" }
}

# From initialisation, or from step 5,000, to the end.
stage "aggregate" "stayed" {
  tables = [aggregate.pull.table]
  by     = ["strength", "decay", "seed"]
  result "first_gradient" {
    function = "first"
    column   = "gradient_mass"
    where    = { step = 0 }
  }
  result "last_gradient" {
    function = "first"
    column   = "gradient_mass"
    where    = { step = 40000 }
  }
  result "first_mass" {
    function = "first"
    column   = "mass"
    where    = { step = 0 }
  }
  result "learned_mass" {
    function = "first"
    column   = "mass"
    where    = { step = 5000 }
  }
  result "last_mass" {
    function = "first"
    column   = "mass"
    where    = { step = 40000 }
  }
  derive = {
    gradient_share = "last_gradient / first_gradient"
    kept_share     = "last_mass / learned_mass"
    initial_share  = "last_mass / first_mass"
  }
}

stage "figure" "r7_mass" {
  table   = aggregate.pull.table
  title   = "Once the core is learned, the spurious weights stay without decay, and stop shrinking with it"
  caption = "Squared norm of all hidden weights on spurious coordinates; a parity of 4 beside 2, MIN"
  where   = { step = ">= 500" }
  plot "curves" {
    x       = "step"
    y       = ["mass"]
    color   = "strength"
    facet   = "decay"
    x_scale = "log"
    y_label = "squared norm of spurious weights"
    names = {
      "0.5"   = "λ = .5"
      "0.9"   = "λ = .9"
      "0"     = "no weight decay"
      "0.001" = "weight decay 1e-3"
    }
  }
}

stage "figure" "r7_pull" {
  table   = aggregate.pull.table
  title   = "The gradient comes to give back what weight decay takes, and vanishes without"
  caption = "Pull over squared norm of spurious weights, exact, λ = .9; thin lines: no change without decay, and where a decay of 1e-3 is made up for"
  where   = { strength = "0.9", step = ">= 2000" }
  plot "curves" {
    x       = "step"
    y       = ["rate"]
    color   = "decay"
    x_scale = "log"
    y_lines = [0, 0.001]
    y_label = "growth of spurious weights by the gradient"
    names   = { decay = "weight decay", "0" = "none", "0.001" = "1e-3" }
  }
}

stage "figure" "r7_gaps" {
  table   = theory.gaps[*].summary
  title   = "At initialisation the simpler feature has the larger gradient gap"
  caption = "Exact, by Fourier analysis; one hidden layer of 32 neurons, 16 coordinates"
  where   = { strength = "0.9" }
  plot "bars" {
    x       = "task"
    y       = ["core_gap", "spurious_gap"]
    points  = true
    x_label = "core and spurious feature"
    y_label = "gradient gap, mean over neurons"
    names   = merge(local.names, { par4_3 = "parity of 4 beside 3", core_gap = "core", spurious_gap = "spurious" })
  }
}

stage "figure" "r7_laws" {
  table   = train.laws[*].summary
  title   = "T95 against the confounder strength"
  caption = "16 coordinates, width 32; with an intercept, the two laws cannot be told apart"
  where   = { strength = ">= 0.6" }
  plot "fit" {
    x       = "strength"
    y       = ["core_learned_step"]
    facet   = "task"
    laws    = ["balance", "inverse"]
    points  = true
    x_label = "confounder strength λ"
    y_label = "core learned (T95, steps)"
    names   = local.names
  }
}

check "r7_agreement_below" {
  says        = "Sampled gradients agree with the exact ones: the mean of z² is above .75, over all λ."
  source      = "R7; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7
  setting     = "ours"
  test "threshold" {
    table     = theory.gaps.summary
    column    = "mean_square_z"
    statistic = "mean"
    within    = "mean"
    above     = 0.75
  }
}

check "r7_agreement_above" {
  says        = "Sampled gradients agree with the exact ones: the mean of z² is below 1.25, over all λ."
  source      = "R7; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7
  setting     = "ours"
  test "threshold" {
    table     = theory.gaps.summary
    column    = "mean_square_z"
    statistic = "mean"
    within    = "mean"
    below     = 1.25
  }
}

check "r7_agreement_weights" {
  says        = "No sampled gradient of a weight is beyond 6 standard errors of the exact one."
  source      = "R7; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7
  setting     = "ours"
  test "always" {
    table = theory.gaps.summary
    y     = "largest_z"
    is    = "below"
    value = 6
  }
}

check "r7_agreement_gaps" {
  says        = "No sampled gap is beyond 6 standard errors of the exact one."
  source      = "R7; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7
  setting     = "ours"
  test "always" {
    table = theory.gaps.summary
    y     = "largest_gap_z"
    is    = "below"
    value = 6
  }
}

claim "r7_descent" {
  says        = "At λ = .9 descent sees the larger gap for the spurious feature, for most seeds and every pair of R1a."
  source      = "R7; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7
  setting     = "ours"
  test "always" {
    table          = theory.gaps.summary
    y              = "spurious_population_gap"
    is             = "above"
    than           = "core_population_gap"
    where          = { strength = "0.9", task = "!= par4_3" }
    at_least_share = 0.5
  }
}


claim "r7_simpler" {
  for_each    = sweep.tasks
  says        = "The simpler feature has the larger gap, for most seeds: ${local.words[each.task]}."
  source      = "R7; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7
  setting     = "ours"
  test "always" {
    table          = theory.gaps[{ task = each.task, strength = 0.9 }].summary
    y              = "spurious_gap"
    is             = "above"
    than           = "core_gap"
    at_least_share = 0.5
  }
}

claim "r7_simpler_par4_3" {
  says        = "The simpler feature has the larger gap, for most seeds: a parity of 3 beside 4. Expected to fail."
  source      = "R7, the exception; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7
  setting     = "ours"
  test "always" {
    table          = theory.gaps[{ task = "par4_3", strength = 0.9 }].summary
    y              = "spurious_gap"
    is             = "above"
    than           = "core_gap"
    at_least_share = 0.5
  }
}

claim "r7_law_min" {
  for_each    = sweep.pair
  says        = "T95 grows with λ as a / (4λ(1-λ)) rather than by other simple laws: ${local.words[each.task]}, MIN."
  source      = "R7; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7
  setting     = "ours"
  test "fit" {
    table  = train.laws[{ task = each.task }].summary
    x      = "strength"
    y      = "core_learned_step"
    law    = "1/(4x(1-x))"
    min_r2 = 0.8
    where  = { strength = ">= 0.6" }
  }
}

claim "r7_law_std" {
  for_each    = sweep.pair
  says        = "T95 grows with λ as a / (4λ(1-λ)) rather than by other simple laws: ${local.words[each.task]}, STD."
  source      = "R7; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7
  setting     = "ours"
  test "fit" {
    table  = train.std[{ task = each.task }].summary
    x      = "strength"
    y      = "core_learned_step"
    law    = "1/(4x(1-x))"
    min_r2 = 0.8
    where  = { strength = ">= 0.6" }
  }
}

check "r7_stays_learned" {
  says        = "The core is learned by step 5,000, with a correlation above .98: MIN, λ = .9."
  source      = "R7; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7_stays
  setting     = "ours"
  test "always" {
    table = train.kept[{ size = "min" }].history
    y     = "core_correlation"
    is    = "above"
    value = 0.98
    where = { strength = "0.9", step = "5000" }
  }
}

check "r7_stays_agreement" {
  says        = "At no checkpoint is a sampled gradient of a weight beyond 6 standard errors of the exact one."
  source      = "R7; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7_stays
  setting     = "ours"
  test "always" {
    table = theory.kept[*].summary
    y     = "largest_z"
    is    = "below"
    value = 6
  }
}

claim "r7_stays_vanishes" {
  says        = "Without decay the gradient on spurious coordinates, squared, ends below 1e-4 of what it is at initialisation, for most seeds."
  source      = "R7; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7_stays
  setting     = "ours"
  figures     = [figure.r7_pull, figure.r7_mass]
  test "always" {
    table          = aggregate.stayed.table
    y              = "gradient_share"
    is             = "below"
    value          = 1e-4
    where          = { strength = "0.9", decay = "0" }
    at_least_share = 0.5
  }
}

claim "r7_stays_weights" {
  says        = "Without decay the spurious weights, squared, end above .8 of what they are at step 5,000, for most seeds."
  source      = "R7; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7_stays
  setting     = "ours"
  figures     = [figure.r7_pull, figure.r7_mass]
  test "always" {
    table          = aggregate.stayed.table
    y              = "kept_share"
    is             = "above"
    value          = 0.8
    where          = { strength = "0.9", decay = "0" }
    at_least_share = 0.5
  }
}

claim "r7_stays_held" {
  says        = "With decay 1e-3 the gradient gives the spurious weights back more than .75 of what decay takes, at the end, for most seeds."
  source      = "R7; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7_stays
  setting     = "ours"
  figures     = [figure.r7_pull, figure.r7_mass]
  test "always" {
    table          = aggregate.pull.table
    y              = "held"
    is             = "above"
    value          = 0.75
    where          = { strength = "0.9", decay = "0.001", step = "40000" }
    at_least_share = 0.5
  }
}

claim "r7_stays_control" {
  for_each    = [{ decay = 0 }, { decay = 0.001 }]
  says        = "Under λ = .5 the gradient would make the spurious weights of the same networks smaller, for most seeds: ${each.decay == 0 ? "no decay" : "decay 1e-3"}."
  source      = "R7, the control; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7_stays
  setting     = "ours"
  figures     = [figure.r7_pull, figure.r7_mass]
  test "always" {
    table          = aggregate.pull_uncorrelated.table
    y              = "rate"
    is             = "below"
    value          = 0
    where          = { decay = each.decay }
    at_least_share = 0.5
  }
}

claim "r7_stays_never" {
  says        = "Trained with decay 1e-3 at λ = .5, networks end with less than .01 of the spurious weights that they began with, squared, for most seeds."
  source      = "R7, the control; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R7_stays
  setting     = "ours"
  figures     = [figure.r7_pull, figure.r7_mass]
  test "always" {
    table          = aggregate.stayed.table
    y              = "initial_share"
    is             = "below"
    value          = 0.01
    where          = { strength = "0.5", decay = "0.001" }
    at_least_share = 0.5
  }
}
