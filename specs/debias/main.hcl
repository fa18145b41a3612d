description = "Methods against spurious correlations, compared alike"

variable "seeds" {
  type    = number
  default = 5
}

variable "first_seed" {
  type    = number
  default = 0
}

variable "setting" {
  type    = string
  default = "all"
}

locals {
  seeds = range(var.first_seed, var.first_seed + var.seeds)

  settings = {
    easy = { core = staircase(14), spurious = parity(1), depths = [1], epochs = 20 }
    odd  = { core = staircase(13), spurious = staircase(9), depths = [1], epochs = 20 }
    hard = { core = staircase(14), spurious = staircase(10), depths = [1, 2], epochs = 20 }
  }
  chosen = [for s in ["easy", "odd", "hard"] : s if var.setting == "all" || var.setting == s]

  epoch = 938 # steps: 60,000 samples in batches of 64
  batch = 64
  width = 64

  networks = flatten([for s in local.chosen : [for d in local.settings[s].depths : { setting = s, depth = d }]])
}

sweep "data" {
  setting = local.chosen
  seed    = local.seeds
}

stage "generate" "confounded" {
  for_each        = sweep.data
  dimensions      = 34
  core            = local.settings[each.setting].core
  spurious        = local.settings[each.setting].spurious
  core_length     = 14
  spurious_length = 20
  strength        = 0.9
  law             = "repository"
  samples         = 60000
  validation      = 10000
  test            = 20000
  test_law        = "same"
}

stage "generate" "clean" {
  for_each        = sweep.data
  dimensions      = 34
  core            = local.settings[each.setting].core
  spurious        = local.settings[each.setting].spurious
  core_length     = 14
  spurious_length = 20
  strength        = 0.5
  law             = "repository"
  samples         = 60000
  validation      = 10000
  test            = 20000
  test_law        = "same"
}
