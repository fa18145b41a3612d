# R3 and R6 as a pair: the same spurious feature, 0 or 1 beneath, at λ = .95. Beside a 7 or 9 it is learned in a phase of its
# own, and then the errors of a briefly trained network are the minority. Beside a dress or a coat, which are told apart more
# easily, the phases overlap, and the errors are never the minority. So it is by the MLP. The CNN learns the digits beneath first in
# both pairs, as was seen with seed 100 (a lead of .81, a Jaccard index of .82): its claims of overlap are expected to fail.

locals {
  expected = { mlp = "", cnn = " Expected to fail." }
}

stage "aggregate" "phases" {
  tables = train.erm[{ strength = 0.95 }].history
  by     = ["pair", "network", "seed"]
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
  derive = { lead = "spurious_at_peak - core_at_peak" }
}

# A network's errors on its training images, in the first epoch.
stage "debias" "errors" {
  for_each = [compose.dominoes[{ strength = 0.95 }], sweep.networks]
  data     = each.dataset
  method "erm" {}
  steps     = local.epoch
  batch     = local.batch
  network   = local.networks[each.network]
  optimizer = local.optimizer
  evaluation {
    every      = 25
    per_decade = 4
  }
}

stage "aggregate" "errors" {
  tables = debias.errors[*].inference
  by     = ["pair", "network", "seed"]
  where  = { step = ">= 1" }
  sort   = ["-jaccard", "step"]
  result "best_step" {
    function = "first"
    column   = "step"
  }
  result "best_jaccard" {
    function = "first"
    column   = "jaccard"
  }
  result "last_jaccard" {
    function = "last"
    column   = "jaccard"
    where    = { step = local.epoch }
  }
}

stage "figure" "errors" {
  for_each = sweep.networks
  table    = debias.errors.inference
  title    = "${local.called[each.network]}: are the errors of a briefly trained network the minority?"
  caption  = "Error sets on the 6,400 training images, λ = .95, against the 320 of the minority"
  where    = { step = ">= 1" }
  plot "curves" {
    x       = "step"
    y       = ["precision", "recall", "jaccard"]
    facet   = "pair"
    spread  = "range"
    x_scale = "log"
    y_label = "agreement of errors and minority"
    names   = merge(local.titles, { jaccard = "Jaccard index" })
  }
}

claim "r3_own_phase" {
  for_each    = sweep.networks
  says        = "Beside a 7 or 9 the spurious feature has a phase of its own: where its correlation is largest it is more than .8 above that of the core, in the mean: λ = .95, ${local.called[each.network]}."
  source      = "R3; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R3
  setting     = "ours"
  figures     = [figure.correlations]
  test "threshold" {
    table     = aggregate.phases.table
    column    = "lead"
    statistic = "mean"
    where     = { pair = "digits", network = each.network }
    above     = 0.8
  }
}

claim "r3_overlap" {
  for_each    = sweep.networks
  says        = "Beside a dress or coat the phases overlap: there the same feature is less than .6 above the core, in the mean: λ = .95, ${local.called[each.network]}.${local.expected[each.network]}"
  source      = "R3; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R3
  setting     = "ours"
  figures     = [figure.correlations]
  test "threshold" {
    table     = aggregate.phases.table
    column    = "lead"
    statistic = "mean"
    where     = { pair = "garments", network = each.network }
    below     = 0.6
  }
}

claim "r6_separable" {
  for_each    = sweep.networks
  says        = "Beside a 7 or 9 the errors are the minority at some time of the first epoch: a Jaccard index above .8, in the mean: λ = .95, ${local.called[each.network]}."
  source      = "R6, an easy setting; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R6
  setting     = "ours"
  figures     = [figure.errors]
  test "threshold" {
    table     = aggregate.errors.table
    column    = "best_jaccard"
    statistic = "mean"
    where     = { pair = "digits", network = each.network }
    above     = 0.8
  }
}

claim "r6_overlapping" {
  for_each    = sweep.networks
  says        = "Beside a dress or coat they are at no time: the largest Jaccard index is below .7, in the mean: λ = .95, ${local.called[each.network]}.${local.expected[each.network]}"
  source      = "R6; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R6
  setting     = "ours"
  figures     = [figure.errors]
  test "threshold" {
    table     = aggregate.errors.table
    column    = "best_jaccard"
    statistic = "mean"
    where     = { pair = "garments", network = each.network }
    below     = 0.7
  }
}
