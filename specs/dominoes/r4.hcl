# R4. A 0 or 1 decodes from random features already, so here the spurious feature is a 7 or 9, beneath a pullover or a shirt, which are
# harder to tell apart, and the last hidden layer has 32 units. What decodes from networks of λ = .95 is compared with the same networks
# at step 0, and with networks of λ = .5 (the control).
#
# Claims: λ = .95 makes the spurious feature decode better than in the control (`kept`), and than at step 0 (`learned`); it still
# does so after as many steps again at λ = .5 (`after_switch`), by when the core has caught up (`caught_up`).

sweep "kept" {
  strength = [0.5, 0.95]
  seed     = local.seeds
}

stage "compose" "kept" {
  for_each            = sweep.kept
  core                = import.images[{ of = "tops" }].dataset
  spurious            = import.images[{ of = "digits" }].dataset
  strength            = each.strength
  validation_strength = 0.5
  samples             = 64 * local.epoch
  validation          = 1000
  test                = 2000
}

stage "train" "kept" {
  for_each  = [compose.kept, sweep.networks]
  data      = each.dataset
  steps     = local.steps
  batch     = local.batch
  network   = local.narrow[each.network]
  optimizer = local.optimizer
  evaluation { every = local.epoch }
  checkpoints { at = [0, local.epoch, local.steps] }
}

# Both go on without correlation.
stage "train" "switched" {
  for_each  = train.kept
  start     = each.model
  data      = compose.kept[{ strength = 0.5, seed = each.seed }].dataset
  steps     = local.steps
  batch     = local.batch
  network   = local.narrow[each.network]
  optimizer = local.optimizer
  evaluation { every = local.epoch }
  checkpoints { at = [local.steps] }
}

# All are probed on the same 2,000 test images.
stage "probe" "kept" {
  for_each = train.kept
  model    = each.model
  data     = compose.kept[{ strength = 0.5, seed = each.seed }].dataset
  holdout  = 0.4
  controls = 1
}

stage "probe" "switched" {
  for_each    = train.switched
  model       = each.model
  data        = compose.kept[{ strength = 0.5, seed = each.seed }].dataset
  holdout     = 0.4
  checkpoints = "last"
  controls    = 1
}

stage "aggregate" "kept" {
  tables = probe.kept[*].decoded
  by     = ["network", "strength", "seed"]
  sort   = ["step"]
  result "untrained" {
    function = "first"
    column   = "decoded_spurious"
  }
  result "trained" {
    function = "last"
    column   = "decoded_spurious"
  }
  result "core_trained" {
    function = "last"
    column   = "core_correlation"
  }
}

stage "join" "kept" {
  tables  = [aggregate.kept.table]
  with    = probe.switched[*].decoded
  on      = ["network", "strength", "seed"]
  columns = ["decoded_spurious", "core_correlation"]
}

stage "figure" "kept" {
  table   = join.kept.table
  title   = "What λ = .95 teaches of the digits beneath, and what is left of it"
  caption = "A 7 or 9 below a pullover or shirt, decoded from 32 units; 2,000 test images"
  plot "bars" {
    x       = "strength"
    y       = ["untrained", "trained", "decoded_spurious"]
    facet   = "network"
    center  = "mean"
    spread  = "range"
    x_label = "confounder strength λ before the switch"
    y_label = "decoded spurious correlation"
    names   = merge(local.called, { untrained = "step 0", trained = "step ${local.steps}", decoded_spurious = "as many steps of λ = .5 later" })
  }
}

claim "r4_kept" {
  for_each    = sweep.networks
  says        = "At the end of λ = .95 the spurious feature decodes better than in the control, by more than .1, in the mean: ${local.called[each.network]}."
  source      = "R4; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R4
  setting     = "ours"
  figures     = [figure.kept]
  test "paired" {
    table      = join.kept.table
    y          = "trained"
    larger     = { strength = 0.95 }
    smaller    = { strength = 0.5 }
    pair       = ["seed"]
    where      = { network = each.network }
    statistic  = "mean"
    min_effect = 0.1
  }
}

claim "r4_learned" {
  for_each    = sweep.networks
  says        = "And better than at step 0, by more than .1, in the mean: ${local.called[each.network]}."
  source      = "R4, less what random features give"
  source_says = local.paper.R4
  setting     = "ours"
  figures     = [figure.kept]
  test "paired" {
    table      = join.kept.table
    y          = "trained"
    y_smaller  = "untrained"
    where      = { network = each.network, strength = 0.95 }
    statistic  = "mean"
    min_effect = 0.1
  }
}

claim "r4_after_switch" {
  for_each    = sweep.networks
  says        = "${local.steps} steps after a switch to λ = .5 it still decodes better than in the control, in the mean: ${local.called[each.network]}."
  source      = "R4; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R4
  setting     = "ours"
  figures     = [figure.kept]
  test "paired" {
    table     = join.kept.table
    y         = "decoded_spurious"
    larger    = { strength = 0.95 }
    smaller   = { strength = 0.5 }
    pair      = ["seed"]
    where     = { network = each.network }
    statistic = "mean"
  }
}

check "r4_caught_up" {
  for_each    = sweep.networks
  says        = "By then the core correlation is at least .5, in the mean: ${local.called[each.network]}."
  source      = "R4; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R4
  setting     = "ours"
  figures     = [figure.kept]
  test "threshold" {
    table     = join.kept.table
    column    = "core_correlation"
    statistic = "mean"
    where     = { network = each.network, strength = 0.95 }
    above     = 0.5
  }
}
