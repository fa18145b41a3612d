locals {
  titles = {
    mean              = "threshold, mean (Student's t)"
    mean_bootstrap    = "threshold, mean (bootstrap-t)"
    median            = "threshold, median (sign test)"
    share             = "always, at_least_share (binomial)"
    paired            = "paired (signed ranks)"
    paired_median     = "paired, median (sign test)"
    paired_mean       = "paired, mean (Student's t)"
    equivalent_paired = "equivalent, paired (signed ranks)"
    compare           = "compare (Brunner-Munzel)"
    compare_mean      = "compare, mean (Welch)"
    ratio             = "compare, ratio (Brunner-Munzel)"
    ratio_mean        = "compare, ratio of means (Fieller)"
    superiority       = "compare, superiority"
    equivalent        = "equivalent (Brunner-Munzel)"
    trend             = "trend (Jonckheere)"
    trend_blocks      = "trend, blocks of seeds"
    trend_ratio       = "trend, min_ratio"
    fit               = "fit (a line, not a constant)"
  }

  by_units = [for n in ["3", "5", "8", "20", "50"] : { name = "n${n}", title = n, where = { units = n } }]
  widths   = [for c in local.by_units : merge(c, { name = "w_${c.name}" })]
  by_law   = { for l in ["lognormal", "heavy", "rounded", "shares"] : l => [for n in ["3", "5", "8", "20", "50"] : { name = "n${n}", title = n, where = { law = l, units = n } }] }
  by_groups = flatten([for s in ["3", "0.3333"] : [for g in [["10", "20"], ["20", "10"], ["10", "40"], ["40", "10"]] :
  { name = "g_${g[0]}_${g[1]}_${s == "3" ? "more" : "less"}", title = "${g[0]} and ${g[1]}, spread ${s == "3" ? "3" : "1/3"}", where = { units = g[0], others = g[1], spread = s } }]])
  by_nulls = flatten([for c in ["0.2", "0.5"] : [for n in ["3", "5", "8", "20", "50"] :
  { name = "c_${c == "0.2" ? 2 : 5}_${n}", title = "${c == "0.2" ? "20" : "50"} % null, ${n}", where = { censored = c, units = n } }]])
  by_mistake = flatten([for m, sizes in { false = ["3", "5", "8", "20", "50"], true = ["3", "5", "8"] } : [for n in sizes :
  { name = "m_${m}_${n}", title = "${n} seeds, ${m == "true" ? "rows counted as seeds" : "one value each"}", where = { mistake = m, units = n } }]])

  # What each table shows: the column, of which cases, side by side.
  shown = merge({
    null_reproduced     = { case = "null", column = "reproduced", cells = local.by_units, says = "No effect: how often it is reproduced, by the number of seeds (at most .025 is promised, .05 of an equivalence)" }
    null_coverage       = { case = "null", column = "coverage", cells = local.by_units, says = "No effect: how many intervals hold the truth, by the number of seeds (.95 is promised, .90 of an equivalence)" }
    power               = { case = "power", column = "reproduced", cells = local.by_units, says = "An effect of one standard deviation: how often it is reproduced, by the number of seeds" }
    width               = { case = "power", column = "width", cells = local.widths, says = "The median width of intervals where the effect is one standard deviation, by the number of seeds, in the unit of the method" }
    bound_reproduced    = { case = "bound", column = "reproduced", cells = local.by_units, says = "The effect is the bound: how often more is reproduced, by the number of seeds" }
    bound_coverage      = { case = "bound", column = "coverage", cells = local.by_units, says = "The effect is the bound: how many intervals hold it, by the number of seeds" }
    unequal_reproduced  = { case = "unequal", column = "reproduced", cells = local.by_groups, says = "No effect, in groups of unequal size and spread: how often it is reproduced, by seeds in each group and the ratio of the first's spread to the second's" }
    unequal_coverage    = { case = "unequal", column = "coverage", cells = local.by_groups, says = "No effect, in groups of unequal size and spread: how many intervals hold the truth" }
    censored_reproduced = { case = "censored", column = "reproduced", cells = local.by_nulls, says = "No effect, with nulls above every value: how often it is reproduced, by the share of nulls and the number of seeds" }
    censored_coverage   = { case = "censored", column = "coverage", cells = local.by_nulls, says = "No effect, with nulls above every value: how many intervals hold the truth" }
    rows                = { case = "rows", column = "reproduced", cells = local.by_mistake, says = "No effect, ten rows of each seed: how often it is reproduced if a seed has one value, as tests take them, and if rows are counted as seeds, which is a mistake" }
    shared_reproduced   = { case = "shared", column = "reproduced", cells = local.by_units, says = "No effect, groups that share seeds whose values have half of their variance in common: how often it is reproduced, by the number of seeds" }
    shared_coverage     = { case = "shared", column = "coverage", cells = local.by_units, says = "The same: how many intervals hold the truth" }
    }, {
    for l, cells in local.by_law : "${l}_reproduced" => { case = "laws", column = "reproduced", cells = cells, says = "No effect, ${local.laws[l]}: how often it is reproduced, by the number of seeds" }
    }, {
    for l, cells in local.by_law : "${l}_coverage" => { case = "laws", column = "coverage", cells = cells, says = "No effect, ${local.laws[l]}: how many intervals hold the truth, by the number of seeds" }
  })

  laws = {
    lognormal = "in lognormal values", heavy = "in values of heavy tails", rounded = "in rounded values, of which many are equal",
    shares    = "in shares, skewed to the left"
  }
}

stage "table" "rates" {
  tables = concat(simulate.null[*].rates, simulate.power[*].rates, simulate.bound[*].rates, simulate.laws[*].rates,
  simulate.unequal[*].rates, simulate.censored[*].rates, simulate.rows[*].rates, simulate.shared[*].rates)
}

stage "aggregate" "beside" {
  for_each = [for name in keys(local.shown) : { shown = name }]
  tables   = [table.rates.table]
  where    = { case = local.shown[each.shown].case }
  by       = ["method", "seed"]
  result   = { for c in local.shown[each.shown].cells : c.name => { function = "mean", column = local.shown[each.shown].column, where = c.where } }
}

stage "comparison" "rates" {
  for_each  = aggregate.beside
  tables    = [each.table]
  rows      = ["method"]
  measures  = [for c in local.shown[each.shown].cells : c.name]
  intervals = "none"
  decimals  = each.shown == "width" ? 2 : 3
  show      = false
  caption   = local.shown[each.shown].says
  names     = merge(local.titles, { method = "test" }, { for c in local.shown[each.shown].cells : c.name => c.title })
}
