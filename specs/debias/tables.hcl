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
    george                   = "GEORGE"
    cnc                      = "CnC"
    ssa                      = "SSA"
    erm_dfr                  = "ERM + DFR"
    erm_afr                  = "ERM + AFR"
    erm_self                 = "ERM + SELF"
  }

  # What methods and the best validation worst group read together, in fewer words.
  access_names = {
    "group: selection (validation)"                               = "nothing more"
    "group: selection (validation); split: training (validation)" = "validation labels"
    "group: selection (validation); group: training (validation)" = "validation groups"
    "group: selection (validation); group: training (train)"      = "training groups"
    "attribute: training (train); group: selection (validation)"  = "the attribute"
  }

  task_names = { easy = "easy control", odd = "odd degrees", hard = "Hard Staircase" }

  family_names = {
    reference  = "reference"
    labels     = "labels alone"
    groups     = "groups in training"
    attribute  = "attribute in training"
    validation = "groups of validation in training"
    inferred   = "groups inferred"
  }
}

# WGA by each rule; beside it what networks know of the core, of those that the validation average selects, which does not
# look at groups: ERM is at its best there.
stage "comparison" "methods" {
  for_each = local.networks
  tables   = [aggregate.rules.table]
  where    = { task = each.task, depth = each.depth }
  rows     = ["algorithm"]
  measures = [
    "worst_group_accuracy", "worst_group", "wga_average", "wga_last", "decoded_average", "decoded_spurious_average", "llr_average", "label_access",
  ]
  baseline    = { algorithm = "erm" }
  differences = ["worst_group_accuracy", "decoded_average"]
  sort        = "-worst_group_accuracy"
  decimals    = 2
  intervals   = "half"
  caption     = "In ${local.words["${each.task}${each.depth}"]}: WGA of networks selected by the best validation worst group, by the best validation average, and of the last with default settings; decoded correlations, and the core correlation after last-layer retraining (LLR), of those selected by the average; what methods read to train beyond training labels"
  names = merge(local.names, local.access_names, {
    algorithm                = "method"
    label_access             = "reads"
    worst_group_accuracy     = "WGA"
    worst_group              = "worst group"
    wga_average              = "WGA, by average"
    wga_last                 = "WGA, last"
    decoded_average          = "decoded core"
    decoded_spurious_average = "decoded spurious"
    llr_average              = "core after LLR"
  })
}

stage "comparison" "accuracies" {
  for_each  = local.networks
  tables    = [aggregate.rules.table]
  where     = { task = each.task, depth = each.depth }
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
  where     = { task = each.task, depth = each.depth }
  rows      = ["algorithm"]
  measures  = ["core_correlation", "core_floor", "spurious_correlation", "spurious_floor", "unseen_core_correlation", "decoded_last", "decoded_worst", "point", "label_access", "steps", "step", "diverged_step"]
  intervals = "half"
  decimals  = 2
  show      = false
  names     = local.names
}
