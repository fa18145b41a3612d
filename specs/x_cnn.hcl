# Dominoes of images: a dress or a coat, above a trouser or a sneaker. Which garment is on top is the label (core); which is
# below goes with it for a share λ of the training images (spurious). What of the paper's findings (arXiv 2403.03375) shows here?
#
#   spurion run specs/images.hcl                    eight seeds, from a clone, offline
#   spurion run --var seeds=2 specs/images.hcl      a quick look; claims of few seeds may be inconclusive
#
# The images are the part of Fashion-MNIST that lies in specs/data/fashion-mnist. The paper stacks images too, but which
# networks, optimisers and rates it trains is not known: all settings are OURS. What came out is on docs/images.md.
#
# Training images: 1,600 on top, each above one of 480, exactly round(n (1 - λ)) of a class above the other garment. Held-out and test
# images are of their own, and λ is .5 there: 400 to retrain last layers and to select by, and 600 to measure on, 150 a group.
# Core and spurious correlation are balanced estimates from the accuracies of these four groups.
#
# Seeds from 100 on served to choose settings and bounds, which were fixed before seeds 0 to 7 were run. A seed draws the pairs of
# images, the initial weights and the order of training; which images are for training, held out or tested is the same for all.

description = "Dominoes of Fashion-MNIST: a dress or a coat, above a trouser or a sneaker"

variable "seeds" {
  type        = number
  default     = 8
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
  seeds = range(var.first_seed, var.first_seed + var.seeds)
  files = ["specs/data/fashion-mnist/*.gz"]
  source = {
    name    = "Fashion-MNIST, in part: the first images of four classes"
    licence = "MIT"
  }

  # A training: 16 epochs of 1,600 images. With such a network the core is learned in a few of them.
  hidden   = [256]
  batch    = 64
  epoch    = 25 # steps
  steps    = 16 * local.epoch
  rate     = 0.01
  momentum = 0.9

  # What the paper says, in words of ours.
  paper = {
    R1a = "The stronger the spurious correlation, the later the core feature is learned."
    R3  = "With parities the core feature is learned in a phase of its own, after the spurious one; with staircases the phases overlap."
    R5  = "Retraining the last layer on balanced data undoes the reliance on the spurious feature."
    R6  = "Debiasing that takes what is learned early for the spurious feature fails in harder settings."
  }

  # What figures and tables call things.
  methods = {
    erm           = "ERM"
    jtt           = "JTT"
    group_balance = "GB"
    group_dro     = "GroupDRO"
    "erm+dfr"     = "ERM + DFR"
  }
  access = {
    "group: selection (validation)"                               = "nothing more"
    "group: selection (validation); group: training (validation)" = "held-out groups"
    "group: selection (validation); group: training (train)"      = "training groups"
  }
  lambda = { "0.5" = "λ = .5", "0.8" = "λ = .8", "0.95" = "λ = .95" }
}

sweep "grid" {
  strength = sweep.strengths[*].strength
  seed     = local.seeds
}

sweep "correlated" {
  strength = [0.8, 0.95]
}

sweep "strengths" {
  strength = [0.5, 0.8, 0.95]
}

sweep "levels" {
  level = [0.7, 0.8, 0.9]
}

# The two sources. A fifth of the training images is held out.

stage "import" "garments" {
  files = local.files
  label {
    keep  = { 3 = 0, 4 = 1 }
    names = ["dress", "coat"]
  }
  split {
    fractions = { train = 0.8, validation = 0.2 }
    stratify  = "class"
  }
  source {
    name    = local.source.name
    licence = local.source.licence
  }
}

stage "import" "beneath" {
  files = local.files
  label {
    keep  = { 1 = 0, 7 = 1 }
    names = ["trouser", "sneaker"]
  }
  split {
    fractions = { train = 0.8, validation = 0.2 }
    stratify  = "class"
  }
  source {
    name    = local.source.name
    licence = local.source.licence
  }
}

stage "compose" "dominoes" {
  for_each            = sweep.grid
  core                = import.garments.dataset
  spurious            = import.beneath.dataset
  layout              = "stack"
  strength            = each.strength
  validation_strength = 0.5
  test_strength       = 0.5
}

# A page of samples: the Dominoes of one seed, read as a table is.
stage "import" "dominoes" {
  from = [compose.dominoes[{ strength = 0.95, seed = var.first_seed }].dataset]
  inputs {
    columns = ["inputs"]
    shape   = [1, 56, 28]
    scale   = 1 / 255
  }
  label {
    column = "label"
    names  = ["dress", "coat"]
  }
  attribute "below" {
    column = "attribute"
    names  = ["trouser", "sneaker"]
  }
  split { column = "split" }
  source {
    name    = "Dominoes of Fashion-MNIST: λ = .95, seed ${var.first_seed}"
    licence = local.source.licence
  }
}

stage "train" "erm" {
  for_each = compose.dominoes
  data     = each.dataset
  steps    = local.steps
  batch    = local.batch
  network "cnn" {
    input  = [1, 56, 28]
    layers = [conv(16, 5), relu(), max_pool(2), conv(32, 5), relu(), max_pool(2)]
    hidden = [128]
  }
  optimizer "sgd" {
    rate     = local.rate
    momentum = local.momentum
  }
  evaluation {
    every      = 50
    per_decade = 12
  }
  checkpoints { at = [0, 10, 50, 100, 400] }
}

# R1a. A level is a share of the ceiling: of the core correlation that the runs of λ = .5 end with.

stage "milestones" "core" {
  tables    = train.erm[*].history
  reference = train.erm[{ strength = 0.5 }].history
  levels    = sweep.levels[*].level
}

stage "figure" "milestones" {
  table   = milestones.core.table
  title   = "The stronger the spurious correlation, the later the core feature is learned"
  caption = "Steps to a core correlation of .7 and .8 of what runs of λ = .5 end with; a run that did not get there in 400 steps has no point"
  where   = { level = "<= 0.8" }
  plot "curves" {
    x       = "strength"
    y       = ["reached_step"]
    color   = "level"
    points  = true
    y_scale = "log"
    x_label = "confounder strength λ"
    y_label = "core learned (steps)"
    names   = { "0.7" = ".7", "0.8" = ".8", level = "share of the ceiling" }
  }
}

claim "r1a" {
  for_each    = sweep.levels
  says        = "The stronger the correlation, the later the core reaches ${each.level} of its ceiling."
  source      = "R1a; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R1a
  setting     = "ours"
  figures     = [figure.milestones, figure.correlations]
  test "trend" {
    table     = milestones.core.table
    x         = "strength"
    y         = "reached_step"
    direction = "increasing"
    block     = "seed"
    where     = { level = each.level }
    missing   = "above" # a run that never got there is later than all that did
  }
}

# R3: is the spurious feature first, in a phase of its own? The bounds of only_spurious are those of specs/paper.

stage "aggregate" "phases" {
  tables = train.erm[*].history
  by     = ["strength", "seed"]
  where  = { strength = ">= 0.8" }
  sort   = ["-spurious_correlation", "step"]
  result "peak_step" {
    function = "first"
    column   = "step"
  }
  result "spurious_at_peak" {
    function = "first"
    column   = "spurious_correlation"
  }
  result "core_at_peak" {
    function = "first"
    column   = "core_correlation"
  }
  result "only_spurious" {
    function = "count"
    where    = { spurious_correlation = ">= 0.9", core_correlation = "<= 0.1" }
  }
  derive = {
    lead = "spurious_at_peak - core_at_peak"
  }
}

stage "figure" "correlations" {
  table   = train.erm[*].history
  title   = "At λ = .95 the network first tells the images by the garment below"
  caption = "600 test images, 150 of each group"
  where   = { step = ">= 1" }
  plot "curves" {
    x       = "step"
    y       = ["core_correlation", "spurious_correlation"]
    facet   = "strength"
    x_scale = "log"
    spread  = "range"
    y_label = "correlation with the network's output"
    names   = merge(local.lambda, { core_correlation = "core", spurious_correlation = "spurious" })
  }
}

claim "r3_only_spurious" {
  for_each    = sweep.correlated
  says        = "There is a time when only the spurious feature is learned (its correlation is at least .9, that of the core at most .1), for most seeds: λ = ${each.strength}."
  source      = "R3; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R3
  setting     = "ours"
  figures     = [figure.correlations]
  test "always" {
    table          = aggregate.phases.table
    y              = "only_spurious"
    is             = "at_least"
    value          = 1
    where          = { strength = each.strength }
    at_least_share = 0.5
  }
}

claim "r3_spurious_first" {
  for_each    = sweep.correlated
  says        = "Where the spurious correlation is largest it is more than .3 above that of the core, in the mean: λ = ${each.strength}."
  source      = "R3, a weaker form; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R3
  setting     = "ours"
  figures     = [figure.correlations]
  test "threshold" {
    table     = aggregate.phases.table
    column    = "lead"
    statistic = "mean"
    where     = { strength = each.strength }
    above     = 0.3
  }
}

# R5: last-layer retraining, less what it gives on the network of step 0.

stage "retrain" "llr" {
  for_each = train.erm
  model    = each.model
  data     = compose.dominoes[{ strength = each.strength, seed = each.seed }].dataset
}

stage "aggregate" "llr" {
  tables = retrain.llr[*].history
  by     = ["strength", "seed"]
  result "untrained" {
    function = "first"
    column   = "worst_group_accuracy_after"
    where    = { step = 0 }
  }
  result "early" {
    function = "first"
    column   = "worst_group_accuracy_after"
    where    = { step = 10 }
  }
  result "trained" {
    function = "last"
    column   = "worst_group_accuracy_after"
  }
  result "without" {
    function = "last"
    column   = "worst_group_accuracy_before"
  }
  derive = {
    gain         = "trained - without"
    feature_gain = "trained - untrained"
    early_gain   = "early - untrained"
  }
}

stage "figure" "llr" {
  table   = retrain.llr[*].history
  title   = "Most of what last-layer retraining gives, it gives without any training"
  caption = "Worst-group accuracy on 600 test images; last layers retrained on 400 held-out images, 100 of each group; step 0 is the untrained network"
  plot "curves" {
    x       = "step"
    y       = ["worst_group_accuracy_before", "worst_group_accuracy_after"]
    facet   = "strength"
    spread  = "range"
    y_label = "worst-group accuracy"
    names   = merge(local.lambda, { worst_group_accuracy_before = "before retraining", worst_group_accuracy_after = "after retraining" })
  }
}

claim "r5_gain" {
  says        = "Retraining the last layer of the last network raises its worst-group accuracy by more than .1, in the mean: λ = .95."
  source      = "R5; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R5
  setting     = "ours"
  figures     = [figure.llr]
  test "threshold" {
    table     = aggregate.llr.table
    column    = "gain"
    statistic = "mean"
    where     = { strength = 0.95 }
    above     = 0.1
  }
}

claim "r5_early" {
  says        = "While the spurious feature alone is learned, retraining gives hardly more than on the untrained network: less than .02, in the mean: λ = .95, step 10."
  source      = "R5, less what retraining gives at step 0"
  source_says = local.paper.R5
  setting     = "ours"
  figures     = [figure.llr]
  test "threshold" {
    table     = aggregate.llr.table
    column    = "early_gain"
    statistic = "mean"
    where     = { strength = 0.95 }
    below     = 0.02
  }
}

claim "r5_features" {
  for_each    = sweep.strengths
  says        = "Retrained, the last network has a better worst group than the untrained one, in the mean: λ = ${each.strength}."
  source      = "R5, less what retraining gives at step 0"
  source_says = local.paper.R5
  setting     = "ours"
  figures     = [figure.llr]
  test "threshold" {
    table     = aggregate.llr.table
    column    = "feature_gain"
    statistic = "mean"
    where     = { strength = each.strength }
    above     = 0
  }
}

# R6 and the methods: are the errors of a briefly trained network the minority, and what does it help?

stage "debias" "errors" {
  for_each = compose.dominoes[{ strength = 0.95 }]
  data     = each.dataset
  method "erm" {}
  steps = 4 * local.epoch
  batch = local.batch
  network "cnn" {
    input  = [1, 56, 28]
    layers = [conv(16, 5), relu(), max_pool(2), conv(32, 5), relu(), max_pool(2)]
    hidden = [128]
  }
  optimizer "sgd" {
    rate     = local.rate
    momentum = local.momentum
  }
  evaluation { every = 5 }
}

stage "debias" "erm" {
  for_each = compose.dominoes[{ strength = 0.95 }]
  data     = each.dataset
  method "erm" {}
  steps = local.steps
  batch = local.batch
  network "cnn" {
    input  = [1, 56, 28]
    layers = [conv(16, 5), relu(), max_pool(2), conv(32, 5), relu(), max_pool(2)]
    hidden = [128]
  }
  optimizer "sgd" {
    rate     = local.rate
    momentum = local.momentum
  }
  evaluation { every = local.epoch }
}

# The first stage ends while the network knows the spurious feature alone.
stage "debias" "jtt" {
  for_each = compose.dominoes[{ strength = 0.95 }]
  data     = each.dataset
  method "jtt" {
    first_steps = 10
    upweight    = 20
  }
  steps = local.steps
  batch = local.batch
  network "cnn" {
    input  = [1, 56, 28]
    layers = [conv(16, 5), relu(), max_pool(2), conv(32, 5), relu(), max_pool(2)]
    hidden = [128]
  }
  optimizer "sgd" {
    rate     = local.rate
    momentum = local.momentum
  }
  evaluation { every = local.epoch }
}

stage "debias" "group_balance" {
  for_each = compose.dominoes[{ strength = 0.95 }]
  data     = each.dataset
  method "group_balance" {}
  steps = local.steps
  batch = local.batch
  network "cnn" {
    input  = [1, 56, 28]
    layers = [conv(16, 5), relu(), max_pool(2), conv(32, 5), relu(), max_pool(2)]
    hidden = [128]
  }
  optimizer "sgd" {
    rate     = local.rate
    momentum = local.momentum
  }
  evaluation { every = local.epoch }
}

stage "debias" "group_dro" {
  for_each = compose.dominoes[{ strength = 0.95 }]
  data     = each.dataset
  method "group_dro" {}
  steps = local.steps
  batch = local.batch
  network "cnn" {
    input  = [1, 56, 28]
    layers = [conv(16, 5), relu(), max_pool(2), conv(32, 5), relu(), max_pool(2)]
    hidden = [128]
  }
  optimizer "sgd" {
    rate     = local.rate
    momentum = local.momentum
  }
  evaluation { every = local.epoch }
}

stage "head" "dfr" {
  for_each = debias.erm
  model    = each.model
  base     = each.summary
  data     = compose.dominoes[{ strength = each.strength, seed = each.seed }].dataset
  head "dfr" {}
}

stage "figure" "errors" {
  table   = debias.errors[*].inference
  title   = "The errors of a briefly trained network are the minority, for a while"
  caption = "Error sets of plain training on the 1,600 training images, λ = .95, against the 80 of the minority; dashed: where the first stage of JTT ends"
  where   = { step = ">= 5" }
  plot "curves" {
    x       = "step"
    y       = ["precision", "recall", "jaccard"]
    spread  = "range"
    x_lines = [10]
    y_label = "agreement of errors and minority"
    names   = { jaccard = "Jaccard index" }
  }
}

# The figures that the page gives of JTT's own set.
stage "aggregate" "error_set" {
  tables = debias.jtt[*].inference
  by     = ["seed"]
  where  = { used = "true" }
  result "precision" {
    function = "last"
    column   = "precision"
  }
  result "recall" {
    function = "last"
    column   = "recall"
  }
  result "jaccard" {
    function = "last"
    column   = "jaccard"
  }
}

stage "table" "methods" {
  tables = [
    debias.erm[*].summary,
    debias.jtt[*].summary,
    debias.group_balance[*].summary,
    debias.group_dro[*].summary,
    head.dfr[*].summary,
  ]
  missing = "null"
}

stage "comparison" "methods" {
  tables      = [table.methods.table]
  where       = { selection = "best_validation_worst_group" }
  rows        = ["method"]
  measures    = ["worst_group_accuracy", "minority_accuracy", "majority_accuracy", "core_correlation", "spurious_correlation", "label_access"]
  baseline    = { method = "erm" }
  differences = ["worst_group_accuracy"]
  sort        = "-worst_group_accuracy"
  decimals    = 2
  intervals   = "half"
  caption     = "λ = .95; the step with the best worst group on 400 held-out images; measures on 600 test images"
  names = merge(local.methods, local.access, {
    label_access         = "reads beyond training labels"
    worst_group_accuracy = "WGA"
    minority_accuracy    = "minority"
    majority_accuracy    = "majority"
    core_correlation     = "core"
    spurious_correlation = "spurious"
  })
}

stage "figure" "methods" {
  table   = table.methods.table
  title   = "Worst-group accuracy of four methods and of plain training"
  caption = "λ = .95; the step with the best worst group on 400 held-out images"
  where   = { selection = "best_validation_worst_group" }
  plot "bars" {
    x       = "method"
    y       = ["worst_group_accuracy"]
    center  = "mean"
    spread  = "ci95"
    points  = true
    y_label = "worst-group accuracy"
    names   = local.methods
  }
}

claim "r6_error_set" {
  says        = "The errors of a network after ten steps are the minority: a Jaccard index above .7, in the mean: λ = .95."
  source      = "R6, an easy setting; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R6
  setting     = "ours"
  figures     = [figure.errors]
  test "threshold" {
    table     = aggregate.error_set.table
    column    = "jaccard"
    statistic = "mean"
    above     = 0.7
  }
}

claim "r6_too_late" {
  says        = "After two epochs they are not: a Jaccard index below .5, in the mean: λ = .95."
  source      = "R6, an easy setting; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R6
  setting     = "ours"
  figures     = [figure.errors]
  test "threshold" {
    table     = debias.errors[*].inference
    column    = "jaccard"
    statistic = "mean"
    where     = { step = 2 * local.epoch }
    below     = 0.5
  }
}

claim "methods" {
  for_each = [for m in ["jtt", "group_balance", "group_dro", "erm+dfr"] : { method = m }]
  says     = "${local.methods[each.method]} has a worst group more than .05 better than ERM's, in the mean: λ = .95."
  setting  = "ours"
  figures  = [figure.methods]
  test "paired" {
    table      = table.methods.table
    y          = "worst_group_accuracy"
    larger     = { method = each.method }
    smaller    = { method = "erm" }
    pair       = ["seed"]
    where      = { selection = "best_validation_worst_group" }
    statistic  = "mean"
    min_effect = 0.05
  }
}
