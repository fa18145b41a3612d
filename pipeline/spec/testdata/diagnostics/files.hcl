stage "exec" "a" {
  command = ["sh", "run.sh", 3, true]
  files   = ["run.sh", "/etc/passwd", "../outside", "missing.sh"]
  script  = "link.sh"
  inherit = ["HOME", "NOT OK"]
  inputs  = { a = exec.b.log, "b c" = exec.b.left }
  output "x" { path = "x.parquet" }
  output "x" { path = "y.parquet" }
  output "Y" { path = "y.parquet" }
  output "z" { format = "csv" }
  output { path = "p" }
}

stage "exec" "b" {
  command = ["sh", filesha256("runn.sh")]
  files   = "run.sh"
  script  = exec.c.log
  inherit = exec.c.log
  output "left" { path = "left.parquet" }
}

stage "exec" "c" {
  command = []
  output "right" { path = "right.parquet" }
}

stage "table" "all" {
  tables = [exec.b.left, exec.c.rihgt, exec.c.log, exec.c]
}

stage "exec" "d" {
  command = "ls"
  inputs  = exec.c.right
  script  = exec.b.left
}
