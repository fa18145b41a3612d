# R5. The paper: last-layer retraining (LLR) undoes the reliance on the spurious feature.
#
# Settings (ours): MIN and STD, λ = .9, par4_2 and st5_3, without decay; a checkpoint every 100 steps up to 4,000 and 8,000, the last layer
# of each refitted on 2,000 group-balanced points. WGA is worst-group accuracy.
# Claims: LLR reaches a WGA of .9 at an earlier checkpoint than plain training does, for most seeds (robust_lead; one that
# never gets there fails the claim). At that checkpoint, the first with a WGA of .9 after LLR:
# - LLR gains more than .2 of WGA; in the median of the seeds, by the sign test, and (_every) for more than .6 of seeds;
# - the share of the last layer's weight on neurons of r < .5 is smaller after LLR; by a paired test over seeds, and
#   (_every) for most seeds. The _stretch form asks it of all checkpoints at which LLR has a WGA of .9 and
#   plain training does not yet: it is the strictest reading of "falls".
# The bound of .2 is the finding's. Of seeds 100 to 119, two of par4_2 and two of st5_3 gain less (.13 to .19), and one of
# par4_2 has the larger share after LLR: so the claims about shares of seeds may fail, and are here because they say more.
# (That is at MIN. STD came later, with the same bounds: its steps were chosen with seeds 100 to 109, of which one gains less, .07 with a
# checkpoint every 300 steps.)

locals {
  retrained_steps = { min = 4000, std = 8000 }
  retrained_shown = { min = "<= 3000", std = "<= 6000" } # of the steps in figures
}

sweep "retrained" {
  size = ["min", "std"]
  task = sweep.pair[*].task
  seed = local.seeds
}

stage "generate" "retrained" {
  for_each   = sweep.retrained
  dimensions = local.sizes[each.size].dimensions
  core       = local.tasks[each.task].core
  spurious   = local.tasks[each.task].spurious
  strength   = 0.9
}

stage "train" "retrained" {
  for_each = generate.retrained
  data     = each.dataset
  steps    = local.retrained_steps[each.size]
  batch    = local.sizes[each.size].batch
  network { hidden = [local.sizes[each.size].width] }
  optimizer "sgd" {
    rate = local.sizes[each.size].rate
  }
  evaluation { every = 100 }
  checkpoints { every = 100 }
}

stage "retrain" "llr" {
  for_each = train.retrained
  model    = each.model
  samples  = 2000
}

# A row for each run: the first checkpoint at which LLR has a WGA of .9.
stage "aggregate" "robust" {
  tables = retrain.llr[*].history
  by     = ["size", "task", "seed"]
  result "step" {
    function = "first"
    column   = "step"
    where    = { worst_group_accuracy_after = ">= 0.9" }
  }
  result "gain" {
    function = "first"
    column   = "worst_group_gain"
    where    = { worst_group_accuracy_after = ">= 0.9" }
  }
  result "share_before" {
    function = "first"
    column   = "spurious_weight_share_before"
    where    = { worst_group_accuracy_after = ">= 0.9" }
  }
  result "share_after" {
    function = "first"
    column   = "spurious_weight_share_after"
    where    = { worst_group_accuracy_after = ">= 0.9" }
  }
}

stage "figure" "r5_accuracy" {
  for_each = [{ size = "min" }, { size = "std" }]
  table    = retrain.llr[{ size = each.size }].history
  title    = "With its last layer retrained, the worst group is right earlier"
  caption  = "${upper(each.size)}, λ = .9; 2,000 group-balanced points; dashed: .9, at which the claims compare"
  where    = { step = local.retrained_shown[each.size] }
  plot "curves" {
    x       = "step"
    y       = ["worst_group_accuracy_before", "worst_group_accuracy_after"]
    facet   = "task"
    y_lines = [0.9]
    y_label = "worst-group accuracy"
    names   = merge(local.names, { worst_group_accuracy_before = "before LLR", worst_group_accuracy_after = "after LLR" })
  }
}

stage "figure" "r5_groups" {
  for_each = [{ size = "min" }, { size = "std" }]
  table    = train.retrained[{ size = each.size }].history
  title    = "Where label and attribute differ, plain training is wrong for long"
  caption  = "Accuracy of plain training on the four groups; ${upper(each.size)}, λ = .9"
  where    = { step = local.retrained_shown[each.size] }
  plot "curves" {
    x       = "step"
    y       = ["accuracy_00", "accuracy_11", "accuracy_01", "accuracy_10"]
    facet   = "task"
    y_label = "accuracy on a group"
    names = merge(local.names, {
      accuracy_00 = "y = s = 0", accuracy_11 = "y = s = 1", accuracy_01 = "y = 0, s = 1", accuracy_10 = "y = 1, s = 0"
    })
  }
}

stage "figure" "r5_shares" {
  for_each = [{ size = "min" }, { size = "std" }]
  table    = aggregate.robust.table
  title    = "LLR takes weight off the spurious subnetwork"
  caption  = "Share of last-layer weight on neurons of r < .5, at the first checkpoint with a worst-group accuracy of .9 after LLR; ${upper(each.size)}, λ = .9"
  where    = { size = each.size }
  plot "scatter" {
    x        = "share_before"
    y        = ["share_after"]
    facet    = "task"
    diagonal = true
    x_label  = "share before"
    y_label  = "share after"
    names    = local.names
  }
}

claim "r5_sooner" {
  for_each    = sweep.sized_pair
  says        = "LLR reaches a WGA of .9 before plain training does, for most seeds: ${local.words[each.task]}, ${upper(each.size)}."
  source      = "R5; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R5
  setting     = "ours"
  figures     = [figure.r5_accuracy, figure.r5_groups]
  test "always" {
    table          = retrain.llr[{ size = each.size, task = each.task }].summary
    y              = "robust_lead"
    is             = "above"
    value          = 0
    missing        = "fail"
    at_least_share = 0.5
  }
}

claim "r5_gap" {
  for_each    = sweep.sized_pair
  says        = "Where LLR first has a WGA of .9 it gains more than .2, in the median of seeds: ${local.words[each.task]}, ${upper(each.size)}."
  source      = "R5; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R5
  setting     = "ours"
  figures     = [figure.r5_accuracy]
  test "threshold" {
    table     = aggregate.robust.table
    column    = "gain"
    statistic = "median"
    where     = { size = each.size, task = each.task }
    above     = 0.2
    missing   = "fail"
  }
}

claim "r5_gap_every" {
  for_each    = sweep.sized_pair
  says        = "Where LLR first has a WGA of .9 it gains more than .2, for more than .6 of seeds: ${local.words[each.task]}, ${upper(each.size)}."
  source      = "R5; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R5
  setting     = "ours"
  figures     = [figure.r5_accuracy]
  test "always" {
    table          = aggregate.robust.table
    y              = "gain"
    is             = "above"
    value          = 0.2
    where          = { size = each.size, task = each.task }
    missing        = "fail"
    at_least_share = 0.6
  }
}

claim "r5_share" {
  for_each    = sweep.sized_pair
  says        = "Where LLR first has a WGA of .9 the share of last-layer weight on neurons of r < .5 has fallen: ${local.words[each.task]}, ${upper(each.size)}."
  source      = "R5; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R5
  setting     = "ours"
  figures     = [figure.r5_shares]
  test "paired" {
    table     = aggregate.robust.table
    y         = "share_before"
    y_smaller = "share_after"
    where     = { size = each.size, task = each.task }
  }
}

claim "r5_share_every" {
  for_each    = sweep.sized_pair
  says        = "There that share has fallen for most seeds: ${local.words[each.task]}, ${upper(each.size)}."
  source      = "R5; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R5
  setting     = "ours"
  figures     = [figure.r5_shares]
  test "always" {
    table          = aggregate.robust.table
    y              = "share_after"
    is             = "below"
    than           = "share_before"
    where          = { size = each.size, task = each.task }
    at_least_share = 0.5
  }
}

claim "r5_share_stretch" {
  for_each    = sweep.sized_pair
  says        = "At every checkpoint at which only LLR has a WGA of .9 that share falls, for most seeds: ${local.words[each.task]}, ${upper(each.size)}."
  source      = "R5; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R5
  setting     = "ours"
  figures     = [figure.r5_shares]
  test "always" {
    table          = retrain.llr[{ size = each.size, task = each.task }].history
    y              = "spurious_weight_share_after"
    is             = "below"
    than           = "spurious_weight_share_before"
    where          = { worst_group_accuracy_after = ">= 0.9", worst_group_accuracy_before = "< 0.9" }
    at_least_share = 0.5
  }
}
