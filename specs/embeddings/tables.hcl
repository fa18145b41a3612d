locals {
  names = {
    erm           = "ERM"
    class_balance = "RWY"
    group_balance = "GB"
    subg          = "SUBG"
    group_dro     = "GroupDRO"
    cvar_dro      = "CVaR-DRO"
    jtt           = "JTT"
    eiil          = "EIIL"
    spurious      = "spurious feature"
    erm_dfr       = "ERM + DFR"
    erm_dfr_train = "ERM + DFR on train"
    erm_afr       = "ERM + AFR"
    erm_self      = "ERM + SELF"
  }

  # What methods and rules read together, in fewer words.
  access_names = {
    none                                                          = "nothing more"
    "split: training (validation)"                                = "validation labels"
    "group: training (validation)"                                = "validation groups"
    "group: training (train)"                                     = "training groups"
    "group: selection (train); group: training (train)"           = "training groups"
    "attribute: training (train)"                                 = "the attribute"
    "group: selection (validation)"                               = "nothing more"
    "group: selection (validation); split: training (validation)" = "validation labels"
    "group: selection (validation); group: training (validation)" = "validation groups"
    "group: selection (validation); group: training (train)"      = "training groups"
    "attribute: training (train); group: selection (validation)"  = "the attribute"

    "group: selection (train); group: selection (validation); group: training (train)" = "training groups"
  }
}

stage "table" "all" {
  tables  = [debias.methods[*].summary, head.heads[*].summary]
  missing = "null"
}

# Under the rule last nothing of the validation set is read but by the heads, which are fitted to it.
stage "comparison" "methods" {
  for_each    = [for rule in ["best_validation_worst_group", "last"] : { rule = rule }]
  tables      = [table.all.table]
  where       = { selection = each.rule }
  rows        = ["algorithm"]
  measures    = ["worst_group_accuracy", "group_mean_accuracy", "train_weighted_accuracy", "worst_group", "label_access"]
  baseline    = { algorithm = "erm" }
  differences = ["worst_group_accuracy"]
  sort        = "-worst_group_accuracy"
  intervals   = "half"
  decimals    = 3
  caption     = "On embeddings, by the rule ${each.rule}: accuracy of the worst group (WGA), mean of the groups' accuracies, and accuracy weighted as the training groups are"
  names = merge(local.names, local.access_names, {
    algorithm               = "method"
    label_access            = "reads"
    worst_group_accuracy    = "WGA"
    group_mean_accuracy     = "mean of groups"
    train_weighted_accuracy = "weighted mean"
    worst_group             = "worst group"
  })
}

stage "figure" "methods" {
  table   = [table.all.table]
  where   = { selection = "best_validation_worst_group" }
  title   = "Worst group on embeddings"
  caption = "Means over seeds, points are seeds. On the made set no method can be above .92"
  plot "bars" {
    x       = "algorithm"
    y       = ["worst_group_accuracy"]
    points  = true
    x_label = "method"
    y_label = "worst-group accuracy"
    names   = local.names
  }
}
