# Instances that compute nothing: what a run takes for them is the engine's own.

variable "instances" {
  type    = number
  default = 2000
}

sweep "many" { index = range(var.instances) }

stage "root" "one" {}

stage "leaf" "many" {
  for_each = sweep.many
  index    = each.index
  in       = root.one.out
}
