# R5. The paper: last-layer retraining (LLR) undoes the reliance on the spurious feature.
#
# Settings (ours): MIN, λ = .9, par4_2 and st5_3, without decay; a checkpoint every 100 steps up to 4,000, the last layer of each
# refitted on 2,000 group-balanced points. WGA is worst-group accuracy.
# Claims: LLR reaches a WGA of .9 at an earlier checkpoint than plain training does, for every seed (robust_lead; one that
# never gets there fails the claim). At that checkpoint, the first with a WGA of .9 after LLR:
# - LLR gains more than .2 of WGA; in the median of the seeds, by its bootstrap interval, and (_every) for every seed;
# - the share of the last layer's weight on neurons of r < .5 is smaller after LLR; by a paired test over seeds, and
#   (_every) for every seed. The _stretch form asks it of all checkpoints at which LLR has a WGA of .9 and
#   plain training does not yet: it is the strictest reading of "falls".
# The bound of .2 is the finding's. Of seeds 100 to 119, two of par4_2 and two of st5_3 gain less (.13 to .19), and one of
# par4_2 has the larger share after LLR: so the claims of every seed may fail, and are here because they say more.

sweep "retrained" {
  task = ["par4_2", "st5_3"]
  seed = local.seeds
}

stage "generate" "retrained" {
  for_each   = sweep.retrained
  dimensions = local.min.dimensions
  core       = local.tasks[each.task].core
  spurious   = local.tasks[each.task].spurious
  strength   = 0.9
}

stage "train" "retrained" {
  for_each = generate.retrained
  data     = each.dataset
  steps    = 4000
  batch    = local.min.batch
  network { hidden = [local.min.width] }
  optimizer "sgd" {
    rate = local.min.rate
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
  by     = ["task", "seed"]
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

claim "r5_sooner_par4_2" {
  says    = "LLR reaches a WGA of .9 before plain training does, for every seed: a parity of 4 beside 2."
  source  = "R5; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "always" {
    table   = retrain.llr.summary
    y       = "robust_lead"
    is      = "above"
    value   = 0
    where   = { task = "par4_2" }
    missing = "fail"
  }
}

claim "r5_share_stretch_par4_2" {
  says    = "At every checkpoint at which only LLR has a WGA of .9 it takes weight off neurons of r < .5, for every seed: a parity of 4 beside 2."
  source  = "R5; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "always" {
    table = retrain.llr.history
    y     = "spurious_weight_share_after"
    is    = "below"
    than  = "spurious_weight_share_before"
    where = { task = "par4_2", worst_group_accuracy_after = ">= 0.9", worst_group_accuracy_before = "< 0.9" }
  }
}

claim "r5_sooner_st5_3" {
  says    = "LLR reaches a WGA of .9 before plain training does, for every seed: a staircase of 5 beside 3."
  source  = "R5; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "always" {
    table   = retrain.llr.summary
    y       = "robust_lead"
    is      = "above"
    value   = 0
    where   = { task = "st5_3" }
    missing = "fail"
  }
}

claim "r5_share_stretch_st5_3" {
  says    = "At every checkpoint at which only LLR has a WGA of .9 it takes weight off neurons of r < .5, for every seed: a staircase of 5 beside 3."
  source  = "R5; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "always" {
    table = retrain.llr.history
    y     = "spurious_weight_share_after"
    is    = "below"
    than  = "spurious_weight_share_before"
    where = { task = "st5_3", worst_group_accuracy_after = ">= 0.9", worst_group_accuracy_before = "< 0.9" }
  }
}

claim "r5_gap_par4_2" {
  says    = "Where LLR first has a WGA of .9 it gains more than .2, in the median of seeds: a parity of 4 beside 2."
  source  = "R5; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "threshold" {
    table     = aggregate.robust.table
    column    = "gain"
    statistic = "median"
    where     = { task = "par4_2" }
    above     = 0.2
    missing   = "fail"
  }
}

claim "r5_gap_every_par4_2" {
  says    = "Where LLR first has a WGA of .9 it gains more than .2, for every seed: a parity of 4 beside 2."
  source  = "R5; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "always" {
    table   = aggregate.robust.table
    y       = "gain"
    is      = "above"
    value   = 0.2
    where   = { task = "par4_2" }
    missing = "fail"
  }
}

claim "r5_share_par4_2" {
  says    = "Where LLR first has a WGA of .9 the share of last-layer weight on neurons of r < .5 has fallen: a parity of 4 beside 2."
  source  = "R5; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "paired" {
    table     = aggregate.robust.table
    y         = "share_before"
    y_smaller = "share_after"
    where     = { task = "par4_2" }
  }
}

claim "r5_share_every_par4_2" {
  says    = "There that share has fallen for every seed: a parity of 4 beside 2."
  source  = "R5; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "always" {
    table = aggregate.robust.table
    y     = "share_after"
    is    = "below"
    than  = "share_before"
    where = { task = "par4_2" }
  }
}

claim "r5_gap_st5_3" {
  says    = "Where LLR first has a WGA of .9 it gains more than .2, in the median of seeds: a staircase of 5 beside 3."
  source  = "R5; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "threshold" {
    table     = aggregate.robust.table
    column    = "gain"
    statistic = "median"
    where     = { task = "st5_3" }
    above     = 0.2
    missing   = "fail"
  }
}

claim "r5_gap_every_st5_3" {
  says    = "Where LLR first has a WGA of .9 it gains more than .2, for every seed: a staircase of 5 beside 3."
  source  = "R5; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "always" {
    table   = aggregate.robust.table
    y       = "gain"
    is      = "above"
    value   = 0.2
    where   = { task = "st5_3" }
    missing = "fail"
  }
}

claim "r5_share_st5_3" {
  says    = "Where LLR first has a WGA of .9 the share of last-layer weight on neurons of r < .5 has fallen: a staircase of 5 beside 3."
  source  = "R5; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "paired" {
    table     = aggregate.robust.table
    y         = "share_before"
    y_smaller = "share_after"
    where     = { task = "st5_3" }
  }
}

claim "r5_share_every_st5_3" {
  says    = "There that share has fallen for every seed: a staircase of 5 beside 3."
  source  = "R5; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "always" {
    table = aggregate.robust.table
    y     = "share_after"
    is    = "below"
    than  = "share_before"
    where = { task = "st5_3" }
  }
}
