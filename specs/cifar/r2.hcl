# R2. Which units of the last hidden layer respond to the image on top, and which to the one beneath? r is the core's share of the
# variance that either alone causes: 1 for a core unit, 0 for a spurious one. Controls are networks of λ = .5.

sweep "controlled" {
  strength = [0.5, 0.95]
}

locals {
  # In the CNN what the convolutions give to the hidden layer counts as layer 1: each unit of it sees a place, and so mostly one feature.
  last_layer = { mlp = 1, cnn = 2 }
}

stage "responses" "units" {
  for_each = [train.erm, sweep.controlled]
  model    = each.model
  data     = each.dataset
  points   = 1000
}

stage "aggregate" "subnetworks" {
  tables = responses.units[*].summary
  by     = ["pair", "network", "strength", "seed", "step", "layer"]
  result "handed_on" {
    function = "first"
    column   = "weighted_r"
  }
  result "core_share" {
    function = "first"
    column   = "core_unit_share"
  }
  result "spurious_share" {
    function = "first"
    column   = "spurious_unit_share"
  }
  derive = { either_share = "core_share + spurious_share" }
}

stage "figure" "handed_on" {
  for_each = local.cases
  table    = responses.units.summary
  where    = { layer = local.last_layer[each.network] }
  title    = "${local.called[each.network]}, ${local.pairs[each.pair].says}: what the last hidden layer hands on"
  caption  = "r of its units' responses, each counting by the weights that lead on from it"
  plot "curves" {
    x       = "step"
    y       = ["weighted_r"]
    color   = "strength"
    spread  = "range"
    y_lines = [0.2, 0.8]
    y_label = "r: 0 spurious, 1 core"
    names   = local.lambda
  }
}

stage "figure" "ablations" {
  for_each = local.cases
  table    = responses.units.ablations
  title    = "${local.called[each.network]}, ${local.pairs[each.pair].says}: without some units"
  caption  = "λ = .95. Core units have r > .8, spurious units r < .2; random c and s are as many units at random as either"
  where    = { strength = 0.95, layer = local.last_layer[each.network] }
  plot "bars" {
    x       = "ablation"
    y       = ["core_correlation", "spurious_correlation"]
    facet   = "step"
    panels  = [tostring(local.early[each.pair][each.network]), tostring(local.steps[each.network])]
    center  = "mean"
    spread  = "range"
    y_label = "correlation with the network's output"
    names = {
      core_correlation     = "core"
      spurious_correlation = "spurious"
      core_units           = "core"
      random_as_core       = "random c"
      spurious_units       = "spurious"
      random_as_spurious   = "random s"
    }
  }
}

claim "r2_handed_on" {
  for_each    = flatten([for c in local.cases : [for t in [local.early[c.pair][c.network], local.steps[c.network]] : merge(c, { time = t })]])
  says        = "After ${each.time} steps what the last hidden layer hands on is less of the core at λ = .95 than at λ = .5: r is smaller by more than .05, in the mean: ${local.pairs[each.pair].says}, ${local.called[each.network]}."
  source      = "R2, a weaker form; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R2
  setting     = "ours"
  figures     = [figure.handed_on]
  test "paired" {
    table      = aggregate.subnetworks.table
    y          = "handed_on"
    larger     = { strength = 0.5 }
    smaller    = { strength = 0.95 }
    pair       = ["seed"]
    where      = { pair = each.pair, network = each.network, step = each.time, layer = local.last_layer[each.network] }
    statistic  = "mean"
    min_effect = 0.05
  }
}

claim "r2_spurious_units" {
  for_each    = local.cases
  says        = "In the end the spurious units carry the spurious correlation: without them more than .02 less of it is left than without as many random units, in the mean: λ = .95, ${local.pairs[each.pair].says}, ${local.called[each.network]}."
  source      = "R2; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R2
  setting     = "ours"
  figures     = [figure.ablations]
  test "paired" {
    table      = responses.units[{ pair = each.pair, network = each.network }].ablations
    y          = "spurious_correlation"
    larger     = { ablation = "random_as_spurious" }
    smaller    = { ablation = "spurious_units" }
    pair       = ["seed"]
    where      = { strength = 0.95, step = local.steps[each.network], layer = local.last_layer[each.network] }
    statistic  = "mean"
    min_effect = 0.02
  }
}

claim "r2_two" {
  for_each    = local.cases
  says        = "In the end most units are of one feature (r below .2 or above .8), in the mean: λ = .95, ${local.pairs[each.pair].says}, ${local.called[each.network]}."
  source      = "R2; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R2
  setting     = "ours"
  figures     = [figure.handed_on]
  test "threshold" {
    table     = aggregate.subnetworks.table
    column    = "either_share"
    statistic = "mean"
    where     = { pair = each.pair, network = each.network, strength = 0.95, step = local.steps[each.network], layer = local.last_layer[each.network] }
    above     = 0.5
  }
}
