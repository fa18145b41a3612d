# What is known of settings beside what they are given: all of it is told, each once, and a former output with what
# to write instead.
stage "exec" "a" {
  for_each    = [for n in range(3) : { n = n }]
  command     = ["sh", each.n]
  environment = { HOME = "/", n = each.n }
  inherit     = ["PATH", "HOME"]
}

stage "exec" "b" {
  for_each    = { one = "HOME", two = "PATH", three = "HOME" }
  command     = ["sh"]
  environment = { HOME = "/" }
  inherit     = [each.value]
}

stage "exec" "c" {
  command     = ["sh"]
  environment = { HOME = "/" }
  inherit     = ["PATH"]
  inputs      = { printed = exec.b["two"].stdout }
}

stage "table" "d" {
  tables = exec.b[*].stdout
}

stage "exec" "e" {
  command = ["sh"]
  output "stdout" { path = "stdout.parquet" }
}

stage "table" "f" {
  tables = [exec.e.stdout]
}
