# R4. A 0 or 1 decodes from random features already, so this is asked of the hard pair: is a truck told from an automobile, beneath a
# cat or a dog? What decodes from networks of λ = .95 is compared with the same networks at step 0, and with networks of λ = .5 (the control).
#
# Claims: λ = .95 makes the spurious feature decode better than in the control (`kept`), and than at step 0 (`learned`); it still
# does so after eight epochs at λ = .5 (`after_switch`), by when the core has caught up (`caught_up`).

locals {
  switched = 8 * local.epoch
}

# Both go on without correlation.
stage "train" "switched" {
  for_each  = [train.erm[{ pair = "animals" }], sweep.controlled]
  start     = each.model
  data      = compose.dominoes[{ pair = "animals", strength = 0.5, seed = each.seed }].dataset
  steps     = local.switched
  batch     = local.batch
  network   = local.networks[each.network]
  optimizer = local.optimizer
  evaluation { every = local.epoch }
  checkpoints { at = [local.switched] }
}

# All are probed on the same 2,000 test images.
stage "probe" "kept" {
  for_each = [train.erm[{ pair = "animals" }], sweep.controlled]
  model    = each.model
  data     = compose.dominoes[{ pair = "animals", strength = 0.5, seed = each.seed }].dataset
  points   = 2000
  holdout  = 0.4
  controls = 1
}

stage "probe" "switched" {
  for_each    = train.switched
  model       = each.model
  data        = compose.dominoes[{ pair = "animals", strength = 0.5, seed = each.seed }].dataset
  points      = 2000
  holdout     = 0.4
  checkpoints = "last"
  controls    = 1
}

stage "aggregate" "kept" {
  tables = probe.kept[*].decoded
  by     = ["strength", "seed"]
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
  on      = ["strength", "seed"]
  columns = ["decoded_spurious", "core_correlation"]
}

stage "figure" "kept" {
  table   = join.kept.table
  title   = "What λ = .95 teaches of the vehicles beneath, and what is left of it"
  caption = "A truck or an automobile below a cat or a dog, decoded from 128 units; 2,000 test images"
  plot "bars" {
    x       = "strength"
    y       = ["untrained", "trained", "decoded_spurious"]
    center  = "mean"
    spread  = "range"
    x_label = "confounder strength λ before the switch"
    y_label = "decoded spurious correlation"
    names   = { untrained = "step 0", trained = "step ${local.steps.cnn}", decoded_spurious = "${local.switched} steps of λ = .5 later" }
  }
}

claim "r4_kept" {
  says        = "At the end of λ = .95 the spurious feature decodes better than in the control, by more than .1, in the mean: cat or dog above truck or automobile, CNN."
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
    statistic  = "mean"
    min_effect = 0.1
  }
}

claim "r4_learned" {
  says        = "And better than at step 0, by more than .1, in the mean: cat or dog above truck or automobile, CNN."
  source      = "R4, less what random features give"
  source_says = local.paper.R4
  setting     = "ours"
  figures     = [figure.kept]
  test "paired" {
    table      = join.kept.table
    y          = "trained"
    y_smaller  = "untrained"
    where      = { strength = 0.95 }
    statistic  = "mean"
    min_effect = 0.1
  }
}

claim "r4_after_switch" {
  says        = "${local.switched} steps after a switch to λ = .5 it still decodes better than in the control, in the mean: cat or dog above truck or automobile, CNN."
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
    statistic = "mean"
  }
}

check "r4_caught_up" {
  says        = "By then the core correlation is at least .25, in the mean: cat or dog above truck or automobile, CNN."
  source      = "R4; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R4
  setting     = "ours"
  figures     = [figure.kept]
  test "threshold" {
    table     = join.kept.table
    column    = "core_correlation"
    statistic = "mean"
    where     = { strength = 0.95 }
    above     = 0.25
  }
}
