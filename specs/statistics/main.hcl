# How often are the tests behind claims right? Data are drawn whose truth is known, each data set is judged as a claim is,
# and the verdicts are counted. docs/statistics.md shows the tables and says what to take from them.
#
#   spurion run specs/statistics
#   spurion run --var repetitions=100 specs/statistics    a quick look

description = "The tests of claims on drawn data: how often they are wrong, what their intervals cover, what they can see"

variable "repetitions" {
  type        = number
  default     = 1000
  description = "How many data sets are drawn of each case. Most have a half or a quarter of it: there are many."
}

locals {
  sizes  = [3, 5, 8, 20, 50] # seeds in each group, or at each x
  one    = ["mean", "mean_bootstrap", "median", "share"]
  paired = ["paired", "paired_median", "paired_mean", "equivalent_paired"]
  groups = ["compare", "compare_mean", "ratio", "ratio_mean", "superiority", "equivalent"]
  trends = ["trend", "trend_blocks", "trend_ratio", "fit"]
  all    = concat(local.one, local.paired, local.groups, local.trends)

  # Methods that take values, or differences within pairs, to lie evenly about their centre, or nearly so.
  even = ["mean", "mean_bootstrap", "paired", "paired_mean", "equivalent_paired"]

  # Methods that take most of the time, and draw half as often.
  slow = ["compare", "ratio", "equivalent", "fit"]

  # One standard deviation, in the unit of each method. An equivalence claims that there is less than that.
  effects = {
    mean         = 1, mean_bootstrap = 1, median = 1, share = 0.84, paired = 1, paired_median = 1, paired_mean = 1, compare = 1,
    compare_mean = 1, ratio = 1.05, ratio_mean = 1.05, superiority = 0.76, trend = 0.3333, trend_blocks = 0.3333, trend_ratio = 1.05, fit = 0.3333,
    equivalent   = 0, equivalent_paired = 0
  }

  # No effect, so that the claim that there is one is just false; of an equivalence an effect as large as the margin.
  none = merge({ for m in local.all : m => contains(["ratio", "ratio_mean", "trend_ratio"], m) ? 1 : contains(["share", "superiority"], m) ? 0.5 : 0 },
  { equivalent = 1, equivalent_paired = 1 })
}

# No effect, at few seeds and many.
stage "simulate" "null" {
  for_each    = [for p in setproduct(local.all, local.sizes) : { method = p[0], units = p[1], case = "null", regular = true, seed = 0 }]
  method      = each.method
  units       = each.units
  effect      = local.none[each.method]
  repetitions = ceil(var.repetitions / (contains(local.slow, each.method) ? 2 : 1))
}

# One standard deviation: how often is it seen?
stage "simulate" "power" {
  for_each    = [for p in setproduct(local.all, local.sizes) : { method = p[0], units = p[1], case = "power", regular = true, seed = 0 }]
  method      = each.method
  units       = each.units
  effect      = local.effects[each.method]
  repetitions = ceil(var.repetitions / 4)
}

# The claim says more than the effect that there is (min_effect): it is just false.
stage "simulate" "bound" {
  for_each = [for p in setproduct([for m in local.all : m if !contains(["trend", "trend_blocks", "fit", "equivalent", "equivalent_paired"], m)], local.sizes) :
  { method = p[0], units = p[1], case = "bound", regular = true, seed = 0 }]
  method      = each.method
  units       = each.units
  effect      = local.effects[each.method]
  bound       = local.effects[each.method]
  repetitions = ceil(var.repetitions / (contains(local.slow, each.method) ? 4 : 2))
}

# Values that are not normal.
stage "simulate" "laws" {
  for_each = [for p in setproduct(local.all, ["lognormal", "heavy", "rounded", "shares"], local.sizes) :
    { method = p[0], law = p[1], units = p[2], case = "laws", regular = !(contains(["lognormal", "shares"], p[1]) && contains(local.even, p[0])), seed = 0 }
  if !(p[1] == "heavy" && contains(["ratio", "ratio_mean", "trend_ratio"], p[0])) && !(p[1] == "rounded" && p[0] == "share")]
  method      = each.method
  law         = each.law
  units       = each.units
  effect      = local.none[each.method]
  repetitions = ceil(var.repetitions / (contains(local.slow, each.method) ? 4 : 2))
}

# Groups of unequal spread and size: the larger group first.
stage "simulate" "unequal" {
  for_each = [for p in setproduct(local.groups, [[10, 20], [20, 10], [10, 40], [40, 10]], [3, 0.3333]) :
  { method = p[0], units = p[1][0], others = p[1][1], spread = p[2], case = "unequal", regular = true, seed = 0 }]
  method        = each.method
  units         = each.units
  units_smaller = each.others
  spread        = each.spread
  effect        = local.none[each.method]
  repetitions   = ceil(var.repetitions / (contains(local.slow, each.method) ? 4 : 2))
}

# Steps that were not reached: nulls above every value.
stage "simulate" "censored" {
  for_each = [for p in setproduct(["paired", "paired_median", "compare", "ratio", "superiority", "trend", "trend_blocks", "trend_ratio"], [0.2, 0.5], local.sizes) :
  { method = p[0], censored = p[1], units = p[2], case = "censored", regular = true, seed = 0 }]
  method      = each.method
  censored    = each.censored
  units       = each.units
  effect      = local.none[each.method]
  repetitions = ceil(var.repetitions / (contains(local.slow, each.method) ? 4 : 2))
}

# Ten rows of each seed, as far from each other as seeds are: as tests take them, and counted as if each were a seed.
stage "simulate" "rows" {
  for_each = [for p in setproduct(["mean", "paired", "paired_mean", "compare", "compare_mean", "trend", "fit", "equivalent"], [false, true], local.sizes) :
  { method = p[0], mistake = p[1], units = p[2], case = "rows", regular = !p[1], seed = 0 } if !p[1] || p[2] < 20]
  method        = each.method
  units         = each.units
  rows          = 10
  rows_as_units = each.mistake
  effect        = local.none[each.method]
  repetitions   = ceil(var.repetitions / (contains(local.slow, each.method) ? 4 : 2))
}

# Seeds that both groups, or all x, share, and whose values resemble each other: half of the variance is the seed's.
stage "simulate" "shared" {
  for_each = [for p in setproduct(["compare", "compare_mean", "equivalent", "trend", "trend_blocks", "fit"], local.sizes) :
  { method = p[0], units = p[1], case = "shared", regular = true, seed = 0 }]
  method      = each.method
  units       = each.units
  shared      = 0.5
  effect      = local.none[each.method]
  repetitions = ceil(var.repetitions / (contains(local.slow, each.method) ? 4 : 2))
}
