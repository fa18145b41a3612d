locals {
  # One setting each: published defaults, but for JTT's weight, which counts the error set as much as all other samples.
  methods = {
    erm           = { name = "erm" }
    class_balance = { name = "class_balance" }
    group_balance = { name = "group_balance" }
    subg          = { name = "subg" }
    group_dro     = { name = "group_dro" }
    cvar_dro      = { name = "cvar_dro" }
    jtt           = { name = "jtt", first_epochs = 1, upweight = 0 }
    eiil          = { name = "eiil", first_epochs = 1 }
    spurious      = { name = "spurious" }
  }
  heads = {
    erm_dfr       = { name = "dfr" }
    erm_dfr_train = { name = "dfr", on = "train" }
    erm_afr       = { name = "afr", gamma = 4 }
    erm_self      = { name = "self", score = "misclassification" }
  }
}

# In a file both classes may go with the same attribute, as CelebA's do: then there is no reference spurious.
stage "debias" "methods" {
  for_each = [sweep.seeds, [for a, m in local.methods : { algorithm = a } if local.made || a != "spurious"]]
  data     = local.made ? gaussian.made[{ seed = each.seed }].dataset : import.given[{ of = var.file }].dataset
  method   = local.methods[each.algorithm]
  epochs   = var.epochs
  batch    = 128

  per_sample = var.per_sample
  network { hidden = [] }
  optimizer "sgd" {
    rate     = 0.003
    momentum = 0.9
  }
  evaluation { every_epochs = 1 }
}

# New last layers on ERM's embeddings are new layers on the given ones. AFR weights samples by ERM's layer, and SELF picks those
# that it gets wrong.
stage "head" "heads" {
  for_each = [sweep.seeds, [for a, h in local.heads : { algorithm = a }]]
  model    = debias.methods[{ algorithm = "erm" }].model
  base     = debias.methods[{ algorithm = "erm" }].summary
  data     = local.made ? gaussian.made[{ seed = each.seed }].dataset : import.given[{ of = var.file }].dataset
  head     = local.heads[each.algorithm]

  per_sample = var.per_sample
}
