# R5. Last-layer retraining on 1,000 held-out images, 250 of each group, less what it gives on the network of step 0.

stage "retrain" "llr" {
  for_each = [train.erm, sweep.controlled]
  model    = each.model
  data     = each.dataset
}

stage "aggregate" "llr" {
  tables = retrain.llr[*].history
  by     = ["pair", "network", "strength", "seed"]
  sort   = ["step"]
  result "untrained" {
    function = "first"
    column   = "worst_group_accuracy_after"
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
  }
}

stage "figure" "llr" {
  for_each = local.cases
  table    = retrain.llr.history
  title    = "${local.called[each.network]}, ${local.pairs[each.pair].says}: last-layer retraining"
  caption  = "Worst-group accuracy on 2,000 test images; step 0 is the untrained network"
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
  for_each    = local.cases
  says        = "Retraining the last layer of the last network raises its worst-group accuracy by more than .1, in the mean: λ = .95, ${local.pairs[each.pair].says}, ${local.called[each.network]}."
  source      = "R5; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R5
  setting     = "ours"
  figures     = [figure.llr]
  test "threshold" {
    table     = aggregate.llr.table
    column    = "gain"
    statistic = "mean"
    where     = { pair = each.pair, network = each.network, strength = 0.95 }
    above     = 0.1
  }
}

claim "r5_features" {
  for_each    = local.cases
  says        = "Retrained, the last network has a better worst group than the untrained one, in the mean: λ = .95, ${local.pairs[each.pair].says}, ${local.called[each.network]}."
  source      = "R5, less what retraining gives at step 0"
  source_says = local.paper.R5
  setting     = "ours"
  figures     = [figure.llr]
  test "threshold" {
    table     = aggregate.llr.table
    column    = "feature_gain"
    statistic = "mean"
    where     = { pair = each.pair, network = each.network, strength = 0.95 }
    above     = 0
  }
}
