stage "generate" "a" {
  dimensions = = 3
}
stage "generate" "b" {
