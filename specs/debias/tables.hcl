locals {
  # What tables and figures call methods, and what they read.
  names = {
    clean                    = "clean (λ = .5)"
    constant                 = "constant"
    spurious                 = "spurious feature"
    erm                      = "ERM"
    class_balance            = "RWY"
    cvar_dro                 = "CVaR-DRO"
    mixup                    = "Mixup"
    group_balance            = "GB (oracle groups)"
    group_balance_upsampling = "GB, upsampling"
    group_balance_weights    = "GB, weights"
    subg                     = "SUBG"
    group_dro                = "GroupDRO"
    group_dro_natural        = "GroupDRO, natural batches"
    group_dro_adjusted       = "GroupDRO, adjusted"
    irm                      = "IRM"
    lisa                     = "LISA, swap"
    lisa_linear              = "LISA, linear"
    pde                      = "PDE"
    jtt                      = "JTT"
    jtt_weights              = "JTT, weights"
    lff                      = "LfF"
    eiil                     = "EIIL"
    eiil_adam                = "EIIL, Adam"
    spare                    = "SPARE"
    cnc                      = "CnC"
    ssa                      = "SSA"
    erm_dfr                  = "ERM + DFR"
    erm_afr                  = "ERM + AFR"
    erm_self                 = "ERM + SELF"
  }
}

stage "comparison" "methods" {
  for_each = local.networks
  tables   = [aggregate.rules.table]
  where    = { setting = each.setting, depth = each.depth }
  rows     = ["algorithm"]
  measures = [
    "worst_group_accuracy", "worst_group", "wga_average", "wga_last", "core_correlation", "decoded_core", "decoded_spurious",
    "core_correlation_after",
  ]
  baseline    = { algorithm = "erm" }
  differences = ["worst_group_accuracy", "decoded_core"]
  sort        = "-worst_group_accuracy"
  decimals    = 2
  intervals   = "half"
  names = merge(local.names, {
    algorithm              = "method"
    worst_group_accuracy   = "WGA"
    worst_group            = "worst group"
    wga_average            = "WGA, by average"
    wga_last               = "WGA, last"
    core_correlation       = "core"
    decoded_core           = "decoded core"
    decoded_spurious       = "decoded spurious"
    core_correlation_after = "core after LLR"
  })
}

stage "comparison" "accuracies" {
  for_each  = local.networks
  tables    = [aggregate.rules.table]
  where     = { setting = each.setting, depth = each.depth }
  rows      = ["algorithm"]
  measures  = ["accuracy_00", "accuracy_01", "accuracy_10", "accuracy_11", "worst_group_accuracy", "test_worst_group_accuracy", "train_weighted_accuracy", "group_mean_accuracy"]
  sort      = "worst_group_accuracy" # so that the best are on top of the heat map
  intervals = "half"
  decimals  = 2
  show      = false
  names     = local.names
}

stage "comparison" "details" {
  for_each  = local.networks
  tables    = [aggregate.rules.table]
  where     = { setting = each.setting, depth = each.depth }
  rows      = ["algorithm"]
  measures  = ["core_correlation", "core_floor", "spurious_correlation", "spurious_floor", "unseen_core_correlation", "decoded_last", "decoded_average", "decoded_worst", "point", "label_access", "steps", "step", "diverged_step"]
  intervals = "half"
  decimals  = 2
  show      = false
  names     = local.names
}
