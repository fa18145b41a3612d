# What is promised of each test, in the cases for which it is promised (regular). A rate breaks a promise if its 99.9 % interval
# lies beyond. Of some hundred rates that just keep to it hardly one does so by chance, and the streams are fixed.

claim "false_verdicts" {
  for_each = [for m in local.all : { method = m }]
  says     = "Where it is false, it is reproduced no more often than promised: ${local.titles[each.method]}."
  test "always" {
    table = table.rates.table
    y     = "reproduced_low"
    is    = "at_most"
    than  = "promised"
    where = { method = each.method, regular = "true", case = "!= power" }
    unit  = ""
  }
}

claim "coverage" {
  for_each = [for m in local.all : { method = m } if m != "fit"]
  says     = "As many intervals as promised hold the truth: ${local.titles[each.method]}."
  test "always" {
    table = table.rates.table
    y     = "coverage_high"
    is    = "at_least"
    than  = "confidence"
    where = { method = each.method, regular = "true" }
    unit  = ""
  }
}

# Where they are weak.

claim "t_on_skewed" {
  for_each = [for m in ["mean", "paired_mean"] : { method = m }]
  says     = "Of skewed (lognormal) values fewer intervals hold the mean than promised: ${local.titles[each.method]}."
  test "always" {
    table = table.rates.table
    y     = "coverage_high"
    is    = "below"
    than  = "confidence"
    where = { method = each.method, case = "laws", law = "lognormal" }
    unit  = ""
  }
}

claim "rows_are_no_seeds" {
  says = "If ten rows of each seed are counted as ten seeds, what is false is reproduced more often than promised, by every test but a fit."
  test "always" {
    table = table.rates.table
    y     = "reproduced_low"
    is    = "above"
    than  = "promised"
    where = { case = "rows", mistake = "true", method = "!= fit" }
    unit  = ""
  }
}
