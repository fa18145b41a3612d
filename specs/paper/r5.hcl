# R5. The paper: last-layer retraining (LLR) undoes the reliance on the spurious feature.
#
# Settings (ours): MIN, λ = .9, par4_2 and st5_3, without decay; a checkpoint every 100 steps up to 4,000, the last layer of each
# refitted on 2,000 group-balanced points. WGA is worst-group accuracy.
# Claims: for every seed LLR reaches a WGA of .9 at an earlier checkpoint than plain training does (robust_lead; one that never
# gets there fails the claim).
# At every checkpoint at which LLR has a WGA of .9 and plain training does not yet, the share of the
# last layer's weight on neurons of r < .5 is smaller after LLR. "Then" is our reading of when it falls.
# The WGA gap (above .2 when LLR reaches .9) cannot be asked of that one checkpoint of each seed yet; what is claimed is
# weaker, and ours: averaged over all checkpoints of that stretch, the gain in WGA is above .2.

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

claim "r5_gap_par4_2" {
  says    = "While only LLR has a WGA of .9, it gains more than .2 on average: a parity of 4 beside 2."
  source  = "R5, a weaker form; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "threshold" {
    table     = retrain.llr.history
    column    = "worst_group_gain"
    statistic = "mean"
    where     = { task = "par4_2", worst_group_accuracy_after = ">= 0.9", worst_group_accuracy_before = "< 0.9" }
    above     = 0.2
  }
}

claim "r5_share_par4_2" {
  says    = "LLR takes last-layer weight off neurons of r < .5: a parity of 4 beside 2."
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

claim "r5_gap_st5_3" {
  says    = "While only LLR has a WGA of .9, it gains more than .2 on average: a staircase of 5 beside 3."
  source  = "R5, a weaker form; Qiu, Kuang and Goel 2024"
  setting = "ours"
  test "threshold" {
    table     = retrain.llr.history
    column    = "worst_group_gain"
    statistic = "mean"
    where     = { task = "st5_3", worst_group_accuracy_after = ">= 0.9", worst_group_accuracy_before = "< 0.9" }
    above     = 0.2
  }
}

claim "r5_share_st5_3" {
  says    = "LLR takes last-layer weight off neurons of r < .5: a staircase of 5 beside 3."
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

