# R3 and R6. A digit beneath is learned in a phase of its own, for epochs, and then the errors of a briefly trained network are the
# minority. A truck or an automobile beneath a cat or a dog is learned together with them, and the errors are never the minority.

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

# How far ahead the spurious feature is after five epochs.
stage "aggregate" "later" {
  tables = train.erm[{ strength = 0.95 }].history
  by     = ["pair", "network", "seed"]
  where  = { step = 5 * local.epoch }
  result "spurious" {
    function = "first"
    column   = "spurious_correlation"
  }
  result "core" {
    function = "first"
    column   = "core_correlation"
  }
  derive = { lead = "spurious - core" }
}

# A network's errors on its training images, in the first five epochs.
stage "debias" "errors" {
  for_each = [compose.dominoes[{ strength = 0.95 }], local.cases]
  data     = each.dataset
  method "erm" {}
  steps     = 5 * local.epoch
  batch     = local.batch
  network   = local.networks[each.network]
  optimizer = local.optimizer
  evaluation {
    every      = local.epoch
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
  result "best" {
    function = "first"
    column   = "jaccard"
  }
  result "last" {
    function = "last"
    column   = "jaccard"
    where    = { step = 5 * local.epoch }
  }
}

stage "figure" "errors" {
  for_each = local.cases
  table    = debias.errors.inference
  title    = "${local.called[each.network]}, ${local.pairs[each.pair].says}: are the errors the minority?"
  caption  = "Error sets on the 6,400 training images, λ = .95, against the 320 of the minority"
  where    = { step = ">= 1" }
  plot "curves" {
    x       = "step"
    y       = ["precision", "recall", "jaccard"]
    spread  = "range"
    x_scale = "log"
    y_label = "agreement of errors and minority"
    names   = { jaccard = "Jaccard index" }
  }
}

claim "r3_own_phase" {
  for_each    = [for c in local.cases : c if c.pair == "vehicles"]
  says        = "The digit beneath has a phase of its own: where its correlation is largest it is more than .8 above that of the core, in the mean: λ = .95, ${local.pairs[each.pair].says}, ${local.called[each.network]}."
  source      = "R3; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R3
  setting     = "ours"
  figures     = [figure.correlations]
  test "threshold" {
    table     = aggregate.phases.table
    column    = "lead"
    statistic = "mean"
    where     = { pair = each.pair, network = each.network }
    above     = 0.8
  }
}

claim "r3_for_epochs" {
  for_each    = [for c in local.cases : c if c.pair == "vehicles"]
  says        = "And it lasts: after five epochs the digit's correlation is still more than .8 above that of the core, in the mean: λ = .95, ${local.pairs[each.pair].says}, ${local.called[each.network]}."
  source      = "R3; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R3
  setting     = "ours"
  figures     = [figure.correlations]
  test "threshold" {
    table     = aggregate.later.table
    column    = "lead"
    statistic = "mean"
    where     = { pair = each.pair, network = each.network }
    above     = 0.8
  }
}

claim "r3_overlap" {
  says        = "In the hard pair the phases overlap: where the spurious correlation is largest it is less than .5 above that of the core, in the mean: λ = .95, ${local.pairs.animals.says}, CNN."
  source      = "R3; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R3
  setting     = "ours"
  figures     = [figure.correlations]
  test "threshold" {
    table     = aggregate.phases.table
    column    = "lead"
    statistic = "mean"
    where     = { pair = "animals", network = "cnn" }
    below     = 0.5
  }
}

claim "r6_separable" {
  for_each    = [for c in local.cases : c if c.pair == "vehicles"]
  says        = "The errors are the minority for epochs: after five they have a Jaccard index above .8 with it, in the mean: λ = .95, ${local.pairs[each.pair].says}, ${local.called[each.network]}."
  source      = "R6, an easy setting; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R6
  setting     = "ours"
  figures     = [figure.errors]
  test "threshold" {
    table     = aggregate.errors.table
    column    = "last"
    statistic = "mean"
    where     = { pair = each.pair, network = each.network }
    above     = 0.8
  }
}

claim "r6_overlapping" {
  says        = "In the hard pair they are at no time of five epochs: the largest Jaccard index is below .3, in the mean: λ = .95, ${local.pairs.animals.says}, CNN."
  source      = "R6, a hard setting; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R6
  setting     = "ours"
  figures     = [figure.errors]
  test "threshold" {
    table     = aggregate.errors.table
    column    = "best"
    statistic = "mean"
    where     = { pair = "animals", network = "cnn" }
    below     = 0.3
  }
}
