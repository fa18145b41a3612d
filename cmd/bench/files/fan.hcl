# One instance, many that read it, and one that reads them all: the shape of Snakefile beside this file.

variable "instances" {
  type    = number
  default = 5000
}

sweep "many" { index = range(var.instances) }

stage "generate" "one" {
  dimensions = 2
  core       = parity(1)
  spurious   = parity(1)
  strength   = 0.9
  samples    = 1
}

# Each keeps the one row; the condition only makes their settings differ.
stage "table" "many" {
  for_each = sweep.many
  tables   = [generate.one.dataset]
  where    = { label = format(">= -%d", each.index) }
}

stage "table" "all" {
  tables = table.many[*].table
}
