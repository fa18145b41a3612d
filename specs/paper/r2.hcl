# R2. The paper: core and spurious feature are learned by two separate subnetworks.
#
# Settings (ours): MIN and STD with weight decay 3e-3, λ = .9, 10,000 and 30,000 steps, par4_2 and st5_3. A neuron's r is
# |w_c|² / (|w_c|² + |w_s|²): 1 for one that looks at the core block only, 0 for the spurious block only.
# Claims, for most seeds. Most neurons have .2 < r < .8 at initialisation, and fewer than .15 at the end. From the
# neurons of r > .5 the core decodes far better than from the others, by more than .5 in correlation, and the spurious feature
# the other way round. Both gaps are larger than that of each of five random splits of the same neurons
# into parts of the same sizes: the parts differ in size, so that random ones have gaps too, of the core .2 to .9.
# Bounds: .15 is the finding's; .5 was chosen with seeds from 100 on at MIN, where no gap was below .7. STD came later: its steps
# were chosen with seeds 100 to 109, and bounds are those of MIN.

locals {
  subnetwork_steps = { min = [0, 1000, 10000], std = [0, 3000, 30000] } # the start, early, the end
}

sweep "subnetworks" {
  size = ["min", "std"]
  task = sweep.pair[*].task
  seed = local.seeds
}

stage "generate" "subnetworks" {
  for_each   = sweep.subnetworks
  dimensions = local.sizes[each.size].dimensions
  core       = local.tasks[each.task].core
  spurious   = local.tasks[each.task].spurious
  strength   = 0.9
}

stage "train" "subnetworks" {
  for_each = generate.subnetworks
  data     = each.dataset
  steps    = local.subnetwork_steps[each.size][2]
  batch    = local.sizes[each.size].batch
  network { hidden = [local.sizes[each.size].width] }
  optimizer "sgd" {
    rate         = local.sizes[each.size].rate
    weight_decay = 0.003
  }
  evaluation { every = local.subnetwork_steps[each.size][1] }
  checkpoints { at = local.subnetwork_steps[each.size] }
}

stage "probe" "subnetworks" {
  for_each    = train.subnetworks
  model       = each.model
  checkpoints = "last"
  parts       = true
}

# The share of the neurons of a run that belong to neither subnetwork.
stage "aggregate" "between" {
  tables = train.subnetworks[*].neurons
  by     = ["size", "task", "seed", "step"]
  result "between" {
    function = "share"
    where    = { core_share = "> 0.2 and < 0.8" }
  }
}

# What decodes from one subnetwork beyond the other: one row for the true parts (split is null) and one for each random split.
stage "aggregate" "splits" {
  tables = probe.subnetworks[*].parts
  by     = ["size", "task", "seed", "split"]
  result "core_from_core" {
    function = "first"
    column   = "decoded_core"
    where    = { part = "core" }
  }
  result "core_from_spurious" {
    function = "first"
    column   = "decoded_core"
    where    = { part = "spurious" }
  }
  result "spurious_from_core" {
    function = "first"
    column   = "decoded_spurious"
    where    = { part = "core" }
  }
  result "spurious_from_spurious" {
    function = "first"
    column   = "decoded_spurious"
    where    = { part = "spurious" }
  }
  result "random_core_from_core" {
    function = "first"
    column   = "decoded_core"
    where    = { part = "random_core" }
  }
  result "random_core_from_spurious" {
    function = "first"
    column   = "decoded_core"
    where    = { part = "random_spurious" }
  }
  result "random_spurious_from_core" {
    function = "first"
    column   = "decoded_spurious"
    where    = { part = "random_core" }
  }
  result "random_spurious_from_spurious" {
    function = "first"
    column   = "decoded_spurious"
    where    = { part = "random_spurious" }
  }
  derive = {
    core_gap            = "core_from_core - core_from_spurious"
    spurious_gap        = "spurious_from_spurious - spurious_from_core"
    random_core_gap     = "random_core_from_core - random_core_from_spurious"
    random_spurious_gap = "random_spurious_from_spurious - random_spurious_from_core"
  }
}

# A row for each run: the gaps of its parts, and the largest of its random splits.
stage "aggregate" "separation" {
  tables = aggregate.splits.table
  by     = ["size", "task", "seed"]
  result "core_gap" {
    function = "max"
    column   = "core_gap"
  }
  result "spurious_gap" {
    function = "max"
    column   = "spurious_gap"
  }
  result "largest_random_core_gap" {
    function = "max"
    column   = "random_core_gap"
  }
  result "largest_random_spurious_gap" {
    function = "max"
    column   = "random_spurious_gap"
  }
}

stage "figure" "r2_neurons" {
  for_each = sweep.sized_pair
  table    = train.subnetworks.neurons
  title    = "Two subnetworks: ${local.words[each.task]}"
  caption  = "A point is a neuron: its squared weights on the core block against those on the spurious block; ${upper(each.size)}, λ = .9, weight decay 3e-3"
  plot "scatter" {
    x        = "spurious_mass"
    y        = ["core_mass"]
    facet    = "step"
    diagonal = true
    x_label  = "|w_s|²"
    y_label  = "|w_c|²"
  }
}

stage "figure" "r2_parts" {
  for_each = [{ size = "min" }, { size = "std" }]
  table    = probe.subnetworks[{ size = each.size }].parts
  title    = "What decodes from each subnetwork, and from random splits of the same sizes"
  caption  = "${upper(each.size)}, λ = .9, weight decay 3e-3, after ${local.subnetwork_steps[each.size][2]} steps"
  plot "bars" {
    x       = "part"
    y       = ["decoded_core", "decoded_spurious"]
    facet   = "task"
    points  = true
    x_label = "neurons"
    y_label = "decoded correlation"
    names = merge(local.names, {
      core             = "r > .5"
      spurious         = "r ≤ .5"
      random_core      = "random, as many as r > .5"
      random_spurious  = "random, as many as r ≤ .5"
      decoded_core     = "core"
      decoded_spurious = "spurious"
    })
  }
}

claim "r2_start" {
  for_each    = sweep.sized_pair
  says        = "At initialisation most neurons have .2 < r < .8, for most seeds: ${local.words[each.task]}, ${upper(each.size)}."
  source      = "R2; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R2
  setting     = "ours"
  figures     = [figure.r2_neurons]
  test "always" {
    table          = aggregate.between.table
    y              = "between"
    is             = "above"
    value          = 0.5
    where          = { size = each.size, task = each.task, step = "0" }
    at_least_share = 0.5
  }
}

claim "r2_end" {
  for_each    = sweep.sized_pair
  says        = "In the end fewer than .15 of the neurons have .2 < r < .8, for most seeds: ${local.words[each.task]}, ${upper(each.size)}."
  source      = "R2; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R2
  setting     = "ours"
  figures     = [figure.r2_neurons]
  test "always" {
    table          = aggregate.between.table
    y              = "between"
    is             = "below"
    value          = 0.15
    where          = { size = each.size, task = each.task, step = local.subnetwork_steps[each.size][2] }
    at_least_share = 0.5
  }
}

claim "r2_core" {
  for_each    = sweep.sized_pair
  says        = "The core feature decodes better from the neurons of r > .5 than from the others, by more than .5, for most seeds: ${local.words[each.task]}, ${upper(each.size)}."
  source      = "R2; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R2
  setting     = "ours"
  figures     = [figure.r2_parts]
  test "always" {
    table          = aggregate.separation.table
    y              = "core_gap"
    is             = "above"
    value          = 0.5
    where          = { size = each.size, task = each.task }
    at_least_share = 0.5
  }
}

claim "r2_core_random" {
  for_each    = sweep.sized_pair
  says        = "This gap of the core feature is above that of each of five random splits, for most seeds: ${local.words[each.task]}, ${upper(each.size)}."
  source      = "R2; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R2
  setting     = "ours"
  figures     = [figure.r2_parts]
  test "always" {
    table          = aggregate.separation.table
    y              = "core_gap"
    is             = "above"
    than           = "largest_random_core_gap"
    where          = { size = each.size, task = each.task }
    at_least_share = 0.5
  }
}

claim "r2_spurious" {
  for_each    = sweep.sized_pair
  says        = "The spurious feature decodes better from the neurons of r <= .5 than from the others, by more than .5, for most seeds: ${local.words[each.task]}, ${upper(each.size)}."
  source      = "R2; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R2
  setting     = "ours"
  figures     = [figure.r2_parts]
  test "always" {
    table          = aggregate.separation.table
    y              = "spurious_gap"
    is             = "above"
    value          = 0.5
    where          = { size = each.size, task = each.task }
    at_least_share = 0.5
  }
}

claim "r2_spurious_random" {
  for_each    = sweep.sized_pair
  says        = "This gap of the spurious feature is above that of each of five random splits, for most seeds: ${local.words[each.task]}, ${upper(each.size)}."
  source      = "R2; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R2
  setting     = "ours"
  figures     = [figure.r2_parts]
  test "always" {
    table          = aggregate.separation.table
    y              = "spurious_gap"
    is             = "above"
    than           = "largest_random_spurious_gap"
    where          = { size = each.size, task = each.task }
    at_least_share = 0.5
  }
}
