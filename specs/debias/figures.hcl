# Which groups are right, what the worst of them is against what the features hold, and whether groups were found.

stage "figure" "groups" {
  for_each = local.networks
  table    = [comparison.accuracies.table]
  title    = "Accuracy of each group: ${local.words["${each.task}${each.depth}"]}"
  caption  = "Means over seeds, of networks selected by the best validation worst group; 00 and 11 are the majority"
  height   = 185
  plot "heatmap" {
    x       = "measure"
    y       = ["algorithm"]
    value   = "mean"
    x_label = "accuracy"
    y_label = "method"
    names = merge(local.names, {
      mean                      = "accuracy"
      accuracy_00               = "group 00"
      accuracy_01               = "group 01"
      accuracy_10               = "group 10"
      accuracy_11               = "group 11"
      worst_group_accuracy      = "worst group"
      test_worst_group_accuracy = "worst group, test split"
      train_weighted_accuracy   = "weighted mean"
      group_mean_accuracy       = "mean of groups"
    })
  }
}

stage "figure" "tradeoff" {
  table   = [aggregate.means.table]
  where   = { depth = 1 }
  title   = "What helps the worst group need not help the features: one hidden layer"
  caption = "A point is a method, in the mean over seeds: WGA by the best validation worst group, decoded core by the best validation average"
  plot "scatter" {
    x       = "worst_group_accuracy"
    y       = ["decoded_average"]
    facet   = "task"
    color   = "family"
    panels  = local.tasks
    x_label = "worst-group accuracy"
    y_label = "decoded core correlation"
    names   = merge(local.family_names, local.task_names)
  }
}

stage "figure" "depth" {
  for_each = [for s in local.tasks : { task = s } if s == "hard"]
  table    = [aggregate.means.table]
  where    = { task = each.task }
  title    = "Hard Staircase with one hidden layer and with two"
  caption  = "A point is a method, in the mean over seeds, as above"
  plot "scatter" {
    x       = "worst_group_accuracy"
    y       = ["decoded_average"]
    facet   = "depth"
    color   = "family"
    x_label = "worst-group accuracy"
    y_label = "decoded core correlation"
    names   = merge(local.family_names, { "1" = "one hidden layer", "2" = "two hidden layers" })
  }
}

stage "figure" "inference" {
  table   = debias.methods[*].inference
  title   = "The minority is found in the easy control alone"
  caption = "Sets that methods infer, with their defaults and one hidden layer; of ERM the points that it gets wrong. LfF trains two networks, so that it sees half the epochs"
  where   = { depth = 1, point = 0, algorithm = "!= clean" }
  plot "curves" {
    x       = "epoch"
    y       = ["jaccard"]
    color   = "algorithm"
    facet   = "task"
    panels  = local.tasks
    spread  = "range"
    y_lines = [0.4, 0.95]
    y_label = "Jaccard index"
    names   = merge(local.names, local.task_names)
  }
}
