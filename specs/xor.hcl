# XOR with a linear spurious feature: is the spurious feature learned first, fast, and not forgotten?
# (LaBonte and Muthukumar 2026, SGD Provably Prioritizes a Shortcut Spurious Feature in the XOR Model, arXiv 2606.30444.)
#
#   spurion run specs/xor.hcl                    ten seeds
#   spurion run --var seeds=2 specs/xor.hcl      a quick look; claims of few seeds are inconclusive
#
# Inputs are uniform on {-1,+1}^100. The label is the product of two coordinates (XOR), and the third coordinate agrees with it
# with probability λ. The network has one hidden ReLU layer without biases, both layers are trained by SGD on the logistic loss, each
# step on fresh samples. What came out is on docs/xor.md.
#
#   THEIRS  the defaults of the authors' program (github.com/tmlabonte/xor, 6a7cd55): 100 coordinates, 10 neurons, weights of each on a
#           sphere of radius .01, output weights of ±.01, batches of 5,000, 500 steps, λ = .9. Their loss is 2 log(1 + e^-yf), so their rate of .05 is
#           .1 here. They write λ for the probability that the two disagree, and -x1 x2 for the label, which is the same up to the sign of x1.
#   LATER   OURS: 40 neurons, radius .1, batches of 500, 4,000 steps; all else as there. The paper says that for λ below 1 the XOR is
#           learned in the end, but with THEIRS at λ = .9 it is not by then, nor was it in 6,000 steps on batches of 500.
#
# The paper was at hand in its abstract and its program alone: what the claims measure, and their bounds, are OURS. Seeds from 100 on served
# to choose settings and bounds, which were fixed before seeds 0 to 9 were run.

description = "XOR with a linear spurious feature (LaBonte and Muthukumar 2026): spurious first, fast, and not forgotten"

variable "seeds" {
  type        = number
  default     = 10
  description = "How many seeds each setting is repeated with."
  validation {
    condition     = var.seeds >= 1
    error_message = "There must be at least one seed."
  }
}

variable "first_seed" {
  type        = number
  default     = 0
  description = "The first seed. Settings and bounds were chosen with seeds from 100 on."
}

locals {
  seeds  = range(var.first_seed, var.first_seed + var.seeds)
  source = "LaBonte and Muthukumar 2026"

  # What the paper says, in words of ours.
  paper = {
    first     = "SGD learns the spurious feature first, and exponentially fast."
    inhibits  = "A stronger spurious component inhibits the learning of the signal."
    dominates = "With the strongest correlation the spurious feature dominates even with as many samples as XOR alone would be learned from."
    kept      = "With a weaker correlation the signal can be learned in the end, and the spurious feature is not forgotten."
  }

  # Sets of coordinates: the XOR, and the spurious coordinate.
  sets    = [[1, 2], [3]]
  lambda  = { "0.5" = "λ = .5", "0.9" = "λ = .9", "1" = "λ = 1" }
  decayed = { "0" = "no weight decay", "0.003" = "weight decay 3e-3" }
}

sweep "theirs" {
  strength = [0.5, 0.9, 1]
  seed     = local.seeds
}

sweep "later" {
  strength = [0.5, 0.7, 0.8, 0.9, 0.95]
  decay    = [0, 0.003]
  seed     = local.seeds
}

sweep "dominated" {
  strength = [0.9, 1]
}

stage "generate" "theirs" {
  for_each   = sweep.theirs
  dimensions = 100
  core       = parity(2)
  spurious   = parity(1)
  strength   = each.strength
}

stage "train" "theirs" {
  for_each = generate.theirs
  data     = each.dataset
  steps    = 500
  batch    = 5000
  loss     = "logistic"
  network {
    hidden            = [10]
    bias              = false
    init              = "sphere"
    init_scale        = 0.01
    output_init       = "signs"
    output_init_scale = 0.01
  }
  optimizer "sgd" { rate = 0.1 }
  evaluation { every = 10 }
  checkpoints { every = 10 }
  spectrum = local.sets
}

# Weight decay is for λ = .9 alone.
stage "generate" "later" {
  for_each   = [for p in sweep.later : p if p.decay == 0 || p.strength == 0.9]
  dimensions = 100
  core       = parity(2)
  spurious   = parity(1)
  strength   = each.strength
}

stage "train" "later" {
  for_each = generate.later
  data     = each.dataset
  steps    = 4000
  batch    = 500
  loss     = "logistic"
  network {
    hidden            = [40]
    bias              = false
    init              = "sphere"
    init_scale        = 0.1
    output_init       = "signs"
    output_init_scale = 0.1
  }
  optimizer "sgd" {
    rate         = 0.1
    weight_decay = each.decay
  }
  evaluation { every = 50 }
  checkpoints { every = 200 }
  spectrum = local.sets
}

# First: what the core correlation is when the spurious one first gets to .9.

stage "aggregate" "first" {
  tables = train.theirs[*].history
  by     = ["strength", "seed"]
  result "step" {
    function = "first"
    column   = "step"
    where    = { spurious_correlation = ">= 0.9" }
  }
  result "core" {
    function = "first"
    column   = "core_correlation"
    where    = { spurious_correlation = ">= 0.9" }
  }
}

stage "aggregate" "first_later" {
  tables = train.later[*].history
  by     = ["strength", "decay", "seed"]
  result "step" {
    function = "first"
    column   = "step"
    where    = { spurious_correlation = ">= 0.9" }
  }
  result "core" {
    function = "first"
    column   = "core_correlation"
    where    = { spurious_correlation = ">= 0.9" }
  }
}

stage "figure" "first" {
  table   = train.theirs[*].history
  title   = "The spurious feature is learned in a few steps, and XOR is not"
  caption = "THEIRS; without correlation (λ = .5) the same networks learn XOR from as many samples, but for some that lack neurons for part of it"
  where   = { step = ">= 10" }
  plot "curves" {
    x       = "step"
    y       = ["core_correlation", "spurious_correlation"]
    facet   = "strength"
    x_scale = "log"
    spread  = "range"
    y_label = "correlation with the network's output"
    names   = merge(local.lambda, { core_correlation = "XOR", spurious_correlation = "spurious" })
  }
}

claim "first" {
  says        = "When the spurious correlation first gets to .9, that of XOR is below .1, for most seeds: THEIRS, λ = .9."
  source      = local.source
  source_says = local.paper.first
  setting     = "ours"
  figures     = [figure.first]
  test "always" {
    table          = aggregate.first.table
    y              = "core"
    is             = "below"
    value          = 0.1
    where          = { strength = "0.9" }
    missing        = "fail"
    at_least_share = 0.5
  }
}

claim "first_later" {
  says        = "When the spurious correlation first gets to .9, that of XOR is below .1, for most seeds: LATER, λ = .9."
  source      = local.source
  source_says = local.paper.first
  setting     = "ours"
  figures     = [figure.kept]
  test "always" {
    table          = aggregate.first_later.table
    y              = "core"
    is             = "below"
    value          = 0.1
    where          = { strength = "0.9", decay = "0" }
    missing        = "fail"
    at_least_share = 0.5
  }
}

# Fast: the margin's coefficient of the spurious coordinate, E[f(x) x3]. While the network is small each neuron's weight on it, w, and its output weight, a,
# make each other grow, dw = (2λ-1)/4 a and da = (2λ-1)/4 w for each step and a rate of 1: as e^(.02 t) at λ = .9 and a rate of .1, and so their product as
# e^(.04 t). Steps from 60 on, before which the other exponential, e^(-.02 t), still counts, to 160, after which the loss flattens.

# Sums over the neurons of a network: squared norms, which grow as the product does.
stage "aggregate" "early" {
  tables = train.theirs[*].neurons
  by     = ["strength", "seed", "step"]
  result "core" {
    function = "sum"
    column   = "core_mass"
  }
  result "spurious" {
    function = "sum"
    column   = "spurious_mass"
  }
}

stage "figure" "fast" {
  table   = aggregate.early.table
  title   = "The spurious weights grow exponentially, and XOR's stop as soon as these are larger"
  caption = "THEIRS: squared norms of all hidden weights on the two coordinates of XOR and on the spurious one; dashed: the steps that the claim is about"
  plot "curves" {
    x       = "step"
    y       = ["core", "spurious"]
    facet   = "strength"
    y_scale = "log"
    x_lines = [60, 160]
    y_label = "squared norm of weights"
    names   = merge(local.lambda, { core = "XOR", spurious = "spurious" })
  }
}

claim "fast" {
  says        = "From step 60 to 160 the spurious coefficient of the margin grows exponentially, rather than linearly or as a power: THEIRS, λ = .9."
  source      = local.source
  source_says = local.paper.first
  setting     = "ours"
  figures     = [figure.fast]
  test "fit" {
    table   = train.theirs[*].spectrum
    x       = "step"
    y       = "margin_coefficient"
    law     = "exponential"
    against = ["constant", "linear", "power"]
    min_r2  = 0.95
    where   = { strength = "0.9", set = "{3}", step = ">= 60 and <= 160" }
  }
}

# How many times it grows from step 60 to 160: e^4 = 55 by that theory alone.
stage "aggregate" "growth" {
  tables = train.theirs[*].spectrum
  by     = ["strength", "seed"]
  where  = { set = "{3}" }
  result "before" {
    function = "first"
    column   = "margin_coefficient"
    where    = { step = 60 }
  }
  result "after" {
    function = "first"
    column   = "margin_coefficient"
    where    = { step = 160 }
  }
  derive = { growth = "after / before" }
}

claim "fast_rate" {
  says        = "In these 100 steps it grows more than 40 times, in the mean: THEIRS, λ = .9."
  source      = local.source
  source_says = local.paper.first
  setting     = "ours"
  figures     = [figure.fast]
  test "threshold" {
    table     = aggregate.growth.table
    column    = "growth"
    statistic = "mean"
    where     = { strength = "0.9" }
    above     = 40
  }
}

# The signal: late, or not at all.

# Of 10 neurons none may look along one of the four directions that XOR needs, and then the correlation stays at about .5.
check "alone" {
  says        = "Without correlation XOR is learned in 500 steps, at least in half: a correlation above .4: THEIRS, λ = .5."
  source      = local.source
  source_says = local.paper.dominates
  setting     = "ours"
  figures     = [figure.first]
  test "always" {
    table = train.theirs[{ strength = 0.5 }].summary
    y     = "core_correlation"
    is    = "above"
    value = 0.4
  }
}

claim "dominates" {
  for_each    = sweep.dominated
  says        = "From as many samples it is not learned with the spurious feature there: a correlation below .1 after 500 steps, for most seeds: THEIRS, λ = ${each.strength}."
  source      = local.source
  source_says = local.paper.dominates
  setting     = "ours"
  figures     = [figure.first]
  test "always" {
    table          = train.theirs[{ strength = each.strength }].summary
    y              = "core_correlation"
    is             = "below"
    value          = 0.1
    at_least_share = 0.5
  }
}

claim "inhibits" {
  says        = "The stronger the correlation, the later XOR is learned (T95, λ from .5 to .95): LATER."
  source      = local.source
  source_says = local.paper.inhibits
  setting     = "ours"
  figures     = [figure.inhibits]
  test "trend" {
    table     = train.later[{ decay = 0 }].summary
    x         = "strength"
    y         = "core_learned_step"
    direction = "increasing"
    block     = "seed"
    missing   = "above" # a run that never got there is later than all that did
  }
}

stage "figure" "inhibits" {
  table   = train.later[{ decay = 0 }].summary
  title   = "The stronger the correlation, the later XOR is learned"
  caption = "LATER; a run that did not get there in 4,000 steps has no point"
  plot "curves" {
    x       = "strength"
    y       = ["core_learned_step"]
    points  = true
    y_scale = "log"
    x_label = "probability λ that the spurious coordinate agrees"
    y_label = "XOR learned (T95, steps)"
  }
}

# Not forgotten: coefficient and weights of the spurious coordinate, long after XOR is learned.

stage "aggregate" "coefficient" {
  tables = train.later[*].spectrum
  by     = ["strength", "decay", "seed"]
  where  = { set = "{3}" }
  result "largest" {
    function = "max"
    column   = "margin_coefficient"
  }
  result "last" {
    function = "last"
    column   = "margin_coefficient"
  }
  derive = { kept_share = "last / largest" }
}

# Sums over the neurons of a network.
stage "aggregate" "weights" {
  tables = train.later[*].neurons
  by     = ["strength", "decay", "seed", "step"]
  result "spurious" {
    function = "sum"
    column   = "spurious_mass"
  }
}

stage "aggregate" "stayed" {
  tables = [aggregate.weights.table]
  by     = ["strength", "decay", "seed"]
  result "learned" {
    function = "first"
    column   = "spurious"
    where    = { step = 2000 }
  }
  result "last" {
    function = "first"
    column   = "spurious"
    where    = { step = 4000 }
  }
  derive = { kept_share = "last / learned" }
}

stage "figure" "kept" {
  table   = train.later[{ decay = 0 }].history
  title   = "In a larger network XOR is learned in the end"
  caption = "LATER"
  where   = { step = ">= 50", strength = ">= 0.8" }
  plot "curves" {
    x       = "step"
    y       = ["core_correlation", "spurious_correlation"]
    facet   = "strength"
    x_scale = "log"
    spread  = "range"
    y_label = "correlation with the network's output"
    names   = { core_correlation = "XOR", spurious_correlation = "spurious", "0.8" = "λ = .8", "0.9" = "λ = .9", "0.95" = "λ = .95" }
  }
}

stage "figure" "weights" {
  table   = aggregate.weights.table
  title   = "The spurious weights stay, unless weight decay takes them"
  caption = "LATER: squared norm of all hidden weights on the spurious coordinate; λ = .9"
  where   = { strength = "0.9" }
  plot "curves" {
    x       = "step"
    y       = ["spurious"]
    color   = "decay"
    y_label = "squared norm of spurious weights"
    names   = merge(local.decayed, { decay = "" })
  }
}

claim "learned" {
  says        = "XOR is learned in the end, with a correlation above .95, for most seeds: LATER, λ = .9."
  source      = local.source
  source_says = local.paper.kept
  setting     = "ours"
  figures     = [figure.kept]
  test "always" {
    table          = train.later[{ strength = 0.9, decay = 0 }].summary
    y              = "core_correlation"
    is             = "above"
    value          = 0.95
    at_least_share = 0.5
  }
}

claim "kept" {
  says        = "The spurious coefficient of the margin ends above .3 of its largest value, for most seeds: LATER, λ = .9."
  source      = local.source
  source_says = local.paper.kept
  setting     = "ours"
  figures     = [figure.weights]
  test "always" {
    table          = aggregate.coefficient.table
    y              = "kept_share"
    is             = "above"
    value          = 0.3
    where          = { strength = "0.9", decay = "0" }
    at_least_share = 0.5
  }
}

claim "kept_weights" {
  says        = "From step 2,000 to 4,000 the spurious weights, squared, keep more than .8, for most seeds: LATER, λ = .9."
  source      = local.source
  source_says = local.paper.kept
  setting     = "ours"
  figures     = [figure.weights]
  test "always" {
    table          = aggregate.stayed.table
    y              = "kept_share"
    is             = "above"
    value          = 0.8
    where          = { strength = "0.9", decay = "0" }
    at_least_share = 0.5
  }
}

claim "kept_control" {
  says        = "Without correlation the spurious coefficient ends below .3, for most seeds: LATER, λ = .5."
  source      = "${local.source}, the control"
  source_says = local.paper.kept
  setting     = "ours"
  figures     = [figure.weights]
  test "always" {
    table          = aggregate.coefficient.table
    y              = "last"
    is             = "below"
    value          = 0.3
    where          = { strength = "0.5" }
    at_least_share = 0.5
  }
}

claim "decay" {
  says        = "Weight decay takes some of it: without, the spurious coefficient ends more than 1.2 times as large as with a decay of 3e-3: LATER, λ = .9."
  source      = "${local.source}, a contrast"
  source_says = local.paper.kept
  setting     = "ours"
  figures     = [figure.weights]
  test "paired" {
    table      = aggregate.coefficient.table
    y          = "last"
    larger     = { decay = "0" }
    smaller    = { decay = "0.003" }
    pair       = ["seed"]
    where      = { strength = "0.9" }
    effect     = "ratio"
    min_effect = 1.2
  }
}
