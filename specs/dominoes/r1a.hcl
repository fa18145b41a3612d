# R1a. The core counts as learned at a share of its ceiling: of the core correlation that the runs of λ = .5 end with. At .9 there
# is no claim: no run of λ = .95 gets there.

sweep "levels" {
  pair    = keys(local.pairs)
  network = var.networks
  level   = [0.7, 0.8]
}

stage "milestones" "core" {
  for_each  = sweep.cases
  tables    = train.erm.history
  reference = train.erm[{ strength = 0.5 }].history
  levels    = [0.7, 0.8]
}

stage "figure" "milestones" {
  for_each = sweep.networks
  table    = milestones.core.table
  title    = "${local.called[each.network]}: the stronger the correlation, the later the core feature is learned"
  caption  = "Steps to .8 of the core correlation that runs of λ = .5 end with; a run that did not get there in ${local.steps} steps has no point"
  where    = { level = "0.8" }
  plot "curves" {
    x       = "strength"
    y       = ["reached_step"]
    facet   = "pair"
    points  = true
    y_scale = "log"
    x_label = "confounder strength λ"
    y_label = "core learned (steps)"
    names   = local.titles
  }
}

claim "r1a" {
  for_each    = sweep.levels
  says        = "The stronger the correlation, the later the core reaches ${each.level} of its ceiling: ${local.pairs[each.pair].says}, ${local.called[each.network]}."
  source      = "R1a; Qiu, Kuang and Goel 2024"
  source_says = local.paper.R1a
  setting     = "ours"
  figures     = [figure.milestones, figure.correlations]
  test "trend" {
    table     = milestones.core[{ pair = each.pair, network = each.network }].table
    x         = "strength"
    y         = "reached_step"
    direction = "increasing"
    block     = "seed"
    where     = { level = each.level }
    missing   = "above" # a run that never got there is later than all that did
  }
}
