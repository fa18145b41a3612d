stage "figure" "groups" {
  for_each = local.networks
  table    = [comparison.accuracies.table]
  title    = "Accuracies"
  height   = 150
  plot "heatmap" {
    x     = "measure"
    y     = ["algorithm"]
    value = "mean"
    names = local.names
  }
}

stage "figure" "tradeoff" {
  table = [aggregate.means.table]
  where = { depth = 1 }
  title = "WGA against decoded core"
  plot "scatter" {
    x     = "worst_group_accuracy"
    y     = ["decoded_core"]
    facet = "setting"
    color = "label_access"
  }
}

stage "figure" "bars" {
  table = [aggregate.rules.table]
  where = { depth = 1, setting = "hard" }
  plot "bars" {
    x      = "algorithm"
    y      = ["worst_group_accuracy", "decoded_core"]
    center = "mean"
    spread = "ci95"
    names  = local.names
  }
}

stage "figure" "inference" {
  table = debias.methods[*].inference
  where = { depth = 1, point = 0 }
  plot "curves" {
    x     = "epoch"
    y     = ["jaccard"]
    color = "algorithm"
    facet = "setting"
    names = local.names
  }
}
