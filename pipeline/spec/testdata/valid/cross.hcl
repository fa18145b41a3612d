# each.value beside a list of objects, whose attributes are axes, is the element of the map; it is
# inherited, and beside nothing else it is the object.
stage "generate" "list" {
  for_each   = [{ seed = 1, size = 10 }, { seed = 2, size = 20 }]
  dimensions = each.value.size
  core       = parity(4)
  spurious   = parity(2)
}

stage "train" "list_first" {
  for_each = [generate.list, { fast = { rate = 0.5 }, slow = { rate = 0.1 } }]
  data     = each.dataset
  steps    = each.size
  optimizer "sgd" { rate = each.value.rate }
}

stage "train" "map_first" {
  for_each = [{ fast = { rate = 0.5 }, slow = { rate = 0.1 } }, generate.list]
  data     = each.dataset
  steps    = each.size
  optimizer "sgd" { rate = each.value.rate }
}

stage "train" "inherited" {
  for_each = train.list_first[{ seed = 1 }]
  data     = each.dataset
  start    = each.model
  steps    = 1
  optimizer "sgd" { rate = each.value.rate }
}

# What an exec leaves, table or file, feeds another; what it printed has to be named.
stage "exec" "writer" {
  command = ["make"]
  output "fit" { path = "fit.parquet" }
}

stage "exec" "reader" {
  command = ["read"]
  inputs  = { fit = exec.writer, log = exec.writer.log }
}
