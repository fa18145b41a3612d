locals {
  optimizers = [
    { type = "sgd", rate = 0.1 },
    { type = "sgd", rate = 0.3 },
    { type = "sgd", rate = 0.1, weight_decay = 0.001 },
    { type = "sgd", rate = 0.3, weight_decay = 0.001 },
  ]
  points = range(length(local.optimizers))

  methods = {
    clean         = [for p in local.points : { name = "erm" }]
    constant      = [{ name = "constant" }]
    spurious      = [{ name = "spurious" }]
    erm           = [for p in local.points : { name = "erm" }]
    group_balance = [for p in local.points : { name = "group_balance" }]
    group_dro     = [for eta in [0.01, 0.1, 0.03, 0.003] : { name = "group_dro", rate = eta }]
    jtt = [
      { name = "jtt", first_epochs = 1, upweight = 20 },
      { name = "jtt", first_epochs = 1, upweight = 5 },
      { name = "jtt", first_epochs = 2, upweight = 10 },
      { name = "jtt", first_epochs = 5, upweight = 50 },
    ]
  }
  heads = {
    erm_dfr  = [for p in local.points : { name = "dfr", refits = 5 }]
    erm_afr  = [for g in [10, 4, 2, 1] : { name = "afr", gamma = g }]
    erm_self = [for n in [100, 20, 500, 100] : { name = "self", points = n }]
  }
  search = flatten([for a, list in local.methods : [for p in range(length(list)) : { algorithm = a, point = p }]])
}

stage "debias" "methods" {
  for_each = [sweep.data, local.networks, local.search]
  data     = each.algorithm == "clean" ? generate.clean.dataset : generate.confounded.dataset
  method   = local.methods[each.algorithm][each.point]
  steps    = local.settings[each.setting].epochs * local.epoch
  batch    = local.batch
  network { hidden = [for i in range(each.depth) : local.width] }
  optimizer = local.optimizers[each.point]
  evaluation { every = local.epoch }
}

stage "debias" "early" {
  for_each = [generate.confounded, local.networks, [for p in local.points : { point = p }]]
  data     = each.dataset
  method "erm" {}
  steps = local.epoch
  batch = local.batch
  network { hidden = [for i in range(each.depth) : local.width] }
  optimizer = local.optimizers[each.point]
}

sweep "heads" {
  algorithm = keys(local.heads)
  point     = local.points
}

stage "head" "heads" {
  for_each = [generate.confounded, local.networks, sweep.heads]
  model    = debias.methods[{ algorithm = "erm" }].model
  base     = debias.methods[{ algorithm = "erm" }].summary
  data     = each.dataset
  early    = debias.early.model
  head     = local.heads[each.algorithm][each.point]
}

stage "probe" "methods" {
  for_each = debias.methods
  model    = each.model
}
stage "probe" "heads" {
  for_each = head.heads
  model    = each.model
}
stage "retrain" "methods" {
  for_each = debias.methods
  model    = each.model
}
stage "retrain" "heads" {
  for_each = head.heads
  model    = each.model
}

stage "join" "decoded" {
  tables  = concat(debias.methods[*].summary, head.heads[*].summary)
  with    = concat(probe.methods[*].decoded, probe.heads[*].decoded)
  on      = ["step"]
  columns = ["decoded_core", "decoded_spurious"]
  missing = "null"
}
stage "join" "measured" {
  tables  = [join.decoded.table]
  with    = concat(retrain.methods[*].history, retrain.heads[*].history)
  on      = ["step", "setting", "depth", "algorithm", "point", "seed"]
  columns = ["core_correlation_after", "worst_group_accuracy_after"]
  missing = "null"
}
