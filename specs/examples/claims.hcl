# Claims, and numbers that were measured elsewhere: a CSV file goes through a plain shell script and
# is then tested like any table. A verdict is reproduced, not reproduced, or inconclusive. The last claim is
# three: one for each strength.
#
#   spurion run specs/examples/claims.hcl
#   spurion run --strict specs/examples/claims.hcl    (exit code 1: two are not reproduced)

description = "Verdicts on numbers from a spreadsheet"

stage "exec" "runs" {
  command = ["sh", "specs/examples/measured.sh", 0.9]
  files   = ["specs/examples/measured.sh", "specs/examples/measured.csv"]
  output "table" {
    path   = "runs.csv"
    format = "csv"
  }
}

stage "figure" "steps" {
  table = exec.runs.table
  title = "Steps of each run"
  plot "curves" {
    x = "strength"
    y = ["steps"]
  }
}

# reproduced: no run is faster at a larger strength, and the interval of the slope lies above 0.
claim "stronger_is_slower" {
  says   = "The stronger the correlation, the more steps it takes."
  source = "our lab book, page 12"
  # What the report shows under the claim. Without it, that would be all figures of the tables tested.
  figures = [figure.steps]
  test "trend" {
    table     = exec.runs.table
    x         = "strength"
    y         = "steps"
    direction = "increasing"
    missing   = "above" # a run that never got there counts as slower than all others
  }
}

# not reproduced: one run did not finish. That is a fact about these runs, and no test.
claim "all_finish" {
  says = "Every run finishes within 3,000 steps."
  test "threshold" {
    table   = exec.runs.table
    column  = "steps"
    at_most = 3000
    missing = "fail"
  }
}

# inconclusive: the interval of the mean of three rows holds the bound.
claim "thousand_at_08" {
  says = "At strength 0.8 it takes less than 1,000 steps on average."
  test "threshold" {
    table     = exec.runs.table
    column    = "steps"
    where     = { strength = "0.8", finished = "true" }
    statistic = "mean"
    below     = 1000
  }
}

sweep "strengths" {
  strength = [0.6, 0.8, 0.9]
}

# A claim for each strength, with a verdict of its own: within_budget[strength=0.9] is not reproduced, the other two
# are. The table is that of all runs; where takes those of one strength.
claim "within_budget" {
  for_each = sweep.strengths
  says     = "At strength ${each.strength} no run takes more than 1,600 steps."
  figures  = []
  test "threshold" {
    table   = exec.runs.table
    column  = "steps"
    where   = { strength = each.strength }
    at_most = 1600
  }
}
